# npm's door to native/CMakeLists.txt: `node-gyp rebuild` ends in the same CMake build.
{
  "targets": [
    {
      "target_name": "lstmd",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "inputs": [],
          # Never written, so the action always runs: CMake knows best what is out of date.
          "outputs": ["build/native/always"],
          "action": ["node", "scripts/build-native.mjs"]
        }
      ]
    }
  ]
}
