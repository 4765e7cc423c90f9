/**
 * The rooms of the source and the arrows between them, from the first of a sample's way to the last.
 * A file belongs to the room of its folder; a folder that has no row of its own does not exist.
 * Each row names the rooms that it may import, type-only imports included, besides itself;
 * `npm run lint` holds every file to it (see lint-rooms.mjs). docs/architecture.md tells why.
 */
export const rooms = {
  base: '',
  platform: 'base',
  units: '',
  config: 'base units',
  protobuf: '',
  'mqtt-client': 'base',
  client: 'base mqtt-client',

  'sensor/links':
    'config sensor/links/serial sensor/links/tcp sensor/links/pipe sensor/links/recording sensor/links/mqtt',
  'sensor/links/mqtt': 'base config mqtt-client sensor/links',
  'sensor/links/reconnecting': 'base config sensor/links',
  'sensor/links/pipe': 'config sensor/links sensor/links/reconnecting',
  'sensor/links/serial':
    'base platform config sensor/links sensor/links/reconnecting sensor/links/pipe',
  'sensor/links/tcp': 'sensor/links sensor/links/reconnecting sensor/links/serial',
  'sensor/links/recording': 'base config recording sensor/links sensor/time',
  'sensor/decoders/text': '',
  'sensor/decoders/frames': 'sensor/decoders sensor/decoders/text',
  'sensor/decoders/vectornav': 'config sensor/decoders sensor/decoders/text sensor/decoders/frames',
  'sensor/decoders/modbus': 'config sensor/decoders sensor/decoders/frames',
  'sensor/decoders/xsens': 'sensor/decoders sensor/decoders/frames',
  'sensor/decoders':
    'base config sensor/decoders/text sensor/decoders/frames sensor/decoders/vectornav sensor/decoders/modbus sensor/decoders/xsens',
  'sensor/features': 'config',
  'sensor/time': 'sensor sensor/decoders',
  sensor: 'base sensor/links sensor/decoders sensor/features sensor/time',
  detection: 'sensor/decoders sensor/decoders/text sensor/decoders/frames sensor/decoders/modbus',

  recording: 'base',

  'simulator/encoders': 'base sensor/decoders sensor/decoders/frames',
  'simulator/motion': '',
  'simulator/faults': 'base simulator simulator/motion',
  simulator: 'base sensor/decoders simulator/encoders simulator/motion',

  'model/plan': '',
  'model/task': 'model/plan',
  'model/source': '',
  'model/files': 'base',
  'model/files/hdf5/format': 'model/files',
  'model/files/hdf5': 'base platform model/files model/files/hdf5/format',
  'model/files/keras': 'base model/source model/files model/files/hdf5',
  'model/files/tfjs': 'base model/source model/files model/files/keras',
  'model/files/onnx': 'base model/source model/files protobuf',
  'model/compiler': 'base model/plan',
  'model/compiler/operations': 'base model/plan model/compiler',
  'model/compiler/keras/graph': 'base',
  'model/compiler/keras/weights': 'base model/plan model/source model/compiler/keras/graph',
  'model/compiler/keras/layer-builder':
    'base model/plan model/compiler model/compiler/keras/weights',
  'model/compiler/keras/layers':
    'base model/plan model/compiler model/compiler/keras/graph model/compiler/keras/weights model/compiler/keras/layer-builder model/compiler/operations',
  'model/compiler/keras':
    'base model/plan model/source model/compiler model/compiler/keras/graph model/compiler/keras/weights model/compiler/keras/layer-builder model/compiler/keras/layers',
  'model/compiler/onnx/values': 'model/plan model/compiler model/compiler/onnx',
  'model/compiler/onnx/operators':
    'base model/plan model/source model/compiler model/compiler/operations model/compiler/onnx model/compiler/onnx/values',
  'model/compiler/onnx/cells': 'model/source model/compiler/onnx',
  'model/compiler/onnx/filled-tensors':
    'base model/source model/compiler model/compiler/onnx model/compiler/onnx/values model/compiler/onnx/operators',
  'model/compiler/onnx/written-loops':
    'base model/source model/compiler/onnx model/compiler/onnx/cells',
  'model/compiler/onnx/loops':
    'model/source model/compiler model/compiler/onnx model/compiler/onnx/values model/compiler/onnx/operators model/compiler/operations base',
  'model/compiler/onnx':
    'base model/plan model/source model/compiler model/compiler/operations model/compiler/onnx/values model/compiler/onnx/operators model/compiler/onnx/cells model/compiler/onnx/loops model/compiler/onnx/written-loops model/compiler/onnx/filled-tensors',
  model:
    'base model/plan model/source model/files model/files/keras model/files/tfjs model/compiler model/compiler/keras model/files/onnx model/compiler/onnx',

  'engine/program': 'base model/plan',
  'engine/native': 'base platform model/plan engine/program',
  'engine/interpreter': 'model/plan engine/program',
  'engine/reference': 'model/plan engine/program engine/interpreter',
  'engine/tfjs': 'base model/plan engine/program engine/interpreter engine/reference',
  engine:
    'base sensor model/plan engine/program engine/native engine/reference engine/tfjs platform',

  state: 'base platform model/plan model/files/hdf5 model/files',
  stream: 'base platform model/plan engine engine/program state',
  'publish/prediction/heads': 'base',

  'publish/prediction': 'base publish/prediction/heads',
  'publish/outbox/contract': 'base config publish/prediction',
  'publish/outbox/memory': 'publish/prediction publish/outbox/contract base',
  'publish/outbox/spool': 'base platform publish/prediction publish/outbox/contract',
  'publish/outbox':
    'base publish/prediction publish/outbox/contract publish/outbox/memory publish/outbox/spool',
  'publish/mqtt/home-assistant':
    'base platform config publish/prediction publish/prediction/heads publish/mqtt',
  'publish/mqtt/sparkplug': 'base config protobuf publish/outbox/contract publish/mqtt',
  'publish/mqtt/wire': 'base publish/prediction publish/mqtt',
  'publish/mqtt':
    'base config publish/prediction publish/outbox/contract mqtt-client publish/mqtt/home-assistant publish/mqtt/wire publish/mqtt/sparkplug',
  publish: 'publish/outbox/contract publish/mqtt',
  'simulator/fleet':
    'base mqtt-client simulator/motion publish/prediction publish/prediction/heads publish/outbox publish/mqtt',
  evaluation: '',
  drift: 'base',
  rows: 'base sensor/decoders sensor/decoders/text recording',

  observe: 'base',
  'agent/reload': 'base platform config engine/program sensor agent',
  'agent/commands': 'base platform config agent publish/prediction publish/outbox/contract',
  agent:
    'base platform units config sensor sensor/decoders sensor/features sensor/links sensor/time model model/plan engine engine/program state stream publish publish/prediction publish/outbox publish/outbox/contract publish/outbox/spool model/task publish/prediction/heads sensor/links/recording recording drift agent/commands agent/reload',
  asyncapi:
    'base config model/plan engine/program agent mqtt-client publish/prediction publish/prediction/heads publish/outbox/contract publish/mqtt',
  'monitoring/http': 'base config agent',
  'monitoring/metrics': 'base agent publish/outbox/contract drift',
  'dashboard/page': 'dashboard',
  dashboard: 'base agent sensor engine engine/program publish/prediction monitoring/http',
  monitoring:
    'base platform config agent publish/outbox/contract monitoring/http monitoring/metrics dashboard',

  'commands/terminal': 'base model/plan engine/program platform mqtt-client',
  'commands/live':
    'base observe sensor/links sensor/links/recording sensor/time publish/prediction agent commands/terminal',
  'commands/bench': 'commands/bench/agent commands/bench/decoders commands/bench/kernel',
  'commands/bench/measure': '',
  'commands/bench/agent':
    'base platform simulator simulator/encoders publish/mqtt commands/terminal commands/bench/measure mqtt-client',
  'commands/bench/decoders':
    'sensor/decoders simulator simulator/encoders commands/terminal commands/bench/measure',
  'commands/bench/kernel':
    'platform model/plan engine/program engine/native engine/reference commands/terminal commands/bench/measure',
  'commands/demo':
    'base platform simulator publish/mqtt observe agent commands/terminal mqtt-client monitoring',
  'commands/describe': 'config agent asyncapi commands/terminal',
  'commands/detect':
    'base platform detection sensor/links/serial commands/ports commands/terminal sensor/decoders/frames sensor/decoders/modbus',
  'commands/doctor':
    'base platform config sensor/links model engine engine/program agent commands/terminal agent/reload',
  'commands/evaluate/labels': 'base evaluation rows',
  'commands/evaluate/judging':
    'engine engine/program evaluation drift sensor commands/evaluate/labels publish/prediction/heads',
  'commands/evaluate/page': 'base evaluation commands/evaluate commands/evaluate/judging',
  'commands/evaluate':
    'base platform config sensor model model/plan engine/program stream evaluation agent commands/terminal commands/evaluate/labels commands/evaluate/judging commands/evaluate/page sensor/decoders rows publish/prediction/heads',
  'commands/inspect':
    'base model model/plan engine engine/program commands/terminal model/task agent',
  'commands/init':
    'base config sensor/decoders detection model model/plan model/task agent commands/detect commands/inspect commands/terminal units platform',
  'commands/monitor': 'base client commands/terminal',
  'commands/ports': 'base platform commands/terminal',
  'commands/predict':
    'base sensor model engine engine/program stream commands/terminal model/plan rows agent commands/live',
  'commands/record': 'base config observe agent commands/terminal commands/record/export',
  'commands/record/export': 'recording commands/terminal',
  'commands/replay':
    'base config observe recording sensor sensor/links/recording sensor/time agent commands/live commands/terminal',
  'commands/run':
    'base config observe agent commands/terminal commands/live platform monitoring agent/reload',
  'commands/simulate':
    'base platform simulator simulator/encoders commands/terminal simulator/faults simulator/motion recording sensor/links/recording mqtt-client simulator/fleet publish/prediction publish/mqtt',
  'commands/state':
    'commands/state/export commands/state/import commands/state/reset commands/state/show',
  'commands/state/saved':
    'base config model engine engine/program state stream observe agent agent/reload',
  'commands/state/export': 'base stream commands/terminal commands/state/saved',
  'commands/state/import': 'base platform stream commands/terminal commands/state/saved',
  'commands/state/reset': 'platform state commands/terminal commands/state/saved',
  'commands/state/show': 'platform state commands/terminal commands/state/saved',
  'commands/verify': 'base model model/plan engine/program stream commands/terminal agent',
  commands:
    'base commands/bench commands/demo commands/doctor commands/init commands/inspect commands/ports commands/predict commands/run commands/simulate commands/state commands/verify commands/evaluate commands/detect commands/record commands/replay commands/monitor commands/describe',
  // The command line and the library: the two doors to the rest.
  '.': 'base platform model model/plan engine engine/program stream commands model/task launcher',
  // What starts the command line where it is a bundle.
  launcher: 'base .',
};

/** Each third-party package and the one folder whose files, and those of the rooms below it, import it. */
export const packages = {
  yaml: 'config',
  zod: 'config',
  serialport: 'sensor/links/serial',
  h5wasm: 'model/files/hdf5',
  protobufjs: 'protobuf',
  mqtt: 'mqtt-client',
  cbor2: 'mqtt-client',
  ws: 'mqtt-client',
  pino: 'observe',
  'pino-pretty': 'observe',
  'prom-client': 'monitoring/metrics',
  uplot: 'dashboard/page',
  aedes: 'commands/demo',
  commander: 'commands',
};

/** The rooms of bench/, and the rooms of src/ that each may import. */
export const benchRooms = {
  'bench/agent':
    'base platform simulator simulator/encoders publish/mqtt commands/demo commands/bench/agent commands/terminal bench/agent/peers',
  'bench/agent/peers': 'commands/bench/agent commands/bench/kernel bench/kernel',
  'bench/kernel':
    'base model/plan engine/program engine/native engine/reference engine/tfjs commands/terminal commands/bench/measure commands/bench/kernel',
  'bench/check':
    'platform engine/program engine/native engine/reference commands/bench/kernel commands/bench/measure commands/terminal bench/agent',
  'bench/streams':
    'base platform commands/demo commands/bench/agent commands/bench/measure bench/agent',
  'bench/tty': 'platform sensor/links/serial commands/terminal',
  bench: 'commands/terminal bench/agent bench/check bench/kernel bench/streams bench/tty',
};

/** The packages that bench/ imports beside those of the rooms it calls. */
export const benchPackages = {
  commander: 'bench',
  serialport: 'bench',
  mqtt: 'bench',
};

/** The rooms of native/, and whose headers each may include. */
export const nativeRooms = {
  'kernel/format': '',
  'kernel/simd': '',
  'kernel/pack': 'kernel/format kernel/simd',
  'kernel/ops': 'kernel/format kernel/simd kernel/pack',
  'kernel/targets': 'kernel/simd kernel/pack kernel/ops',
  'kernel/run': 'kernel/format kernel/pack kernel/targets',
  platform: '',
  addon: 'platform kernel/run kernel/targets kernel/format kernel/pack',
  test: 'kernel/format kernel/simd kernel/targets kernel/run',
  bench: 'test',
  fuzz: 'test',
};
