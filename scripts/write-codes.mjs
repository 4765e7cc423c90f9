/**
 * `node scripts/write-codes.mjs`: writes native/kernel/format/codes.h, the codes of encoded programs
 * in C++, from the tables in src/engine/native/. With --check it only compares, and fails where the
 * file is not what would be written; `npm test` does that.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = '../dist/engine';
const { activationCodes } = await import(`${built}/native/activation-encoding.js`);
const { mergeCodes, poolCodes, reduceCodes, stepOpCodes, windowOpCodes } = await import(
  `${built}/native/operation-encoding.js`
);
const { magic, modeCodes, version } = await import(`${built}/native/program-encoding.js`);
const { none } = await import(`${built}/native/weight-list.js`);
const { StepFlag } = await import(`${built}/program/engine.js`);
const { seenLimit } = await import('../dist/model/plan/stream-plan.js');
const { stateHeaderSize, stateLimit } = await import(`${built}/program/program.js`);

/** The names in C++ of the formats of src/engine/program/weight-format.ts, in their order. */
const weightFormats = { float32: 0, bfloat16: 1, int8: 2 };

const capital = (name) => name[0].toUpperCase() + name.slice(1);

function enumeration(name, codes, type = 'class') {
  const base = type === 'class' ? 'std::int32_t' : 'std::uint8_t';
  const lines = Object.entries(codes).map(([key, code]) => `  k${capital(key)} = ${code},`);
  return `enum ${type === 'class' ? 'class ' : ''}${name} : ${base} {\n${lines.join('\n')}\n};\n`;
}

const byIndex = (names) => Object.fromEntries(names.map((name, code) => [name, code]));
const flags = Object.fromEntries(
  Object.entries(StepFlag).map(([name, bit]) => [`flag${capital(name)}`, bit]),
);
const parameterCounts = activationCodes.map((parameters) => parameters.length - 1);
const operations = Object.keys(stepOpCodes).map(capital);

const text = `// The codes of encoded programs: written by scripts/write-codes.mjs from src/engine/, not by hand.
// docs/formats/program-words.md describes the format.
// clang-format off
#pragma once

#include <cstdint>

namespace lstmd {

inline constexpr std::int32_t kMagic = 0x${magic.toString(16)};
inline constexpr std::int32_t kVersion = ${version};
/// A tensor, a value or an offset that is not there.
inline constexpr std::int32_t kNone = ${none};

${enumeration('Mode', modeCodes)}
/// How large matrices are kept; what is computed is float32.
${enumeration('WeightFormat', weightFormats)}
${enumeration('OpCode', stepOpCodes)}
inline constexpr std::int32_t kMaxOpCode = ${Math.max(...Object.values(stepOpCodes))};

/// \`X(Name)\` for each step operation, in the order of the codes.
#define LSTMD_STEP_OPERATIONS(X) \\
${operations.map((name) => `  X(${name})`).join(' \\\n')}

/// Operations over whole windows.
${enumeration('WindowOpCode', windowOpCodes)}
${enumeration('MergeCode', byIndex(mergeCodes))}
${enumeration('PoolCode', byIndex(poolCodes))}
${enumeration('ReduceCode', byIndex(reduceCodes))}
${enumeration('ActivationCode', byIndex(activationCodes.map(([name]) => name)))}
inline constexpr std::int32_t kActivationCodes = ${activationCodes.length};
/// How many parameters each activation has.
inline constexpr int kActivationParameters[kActivationCodes] = {
    ${parameterCounts.join(', ')}};

/// Bits of a sample's flag byte.
${enumeration('StepFlag', flags, 'bits')}
/// The state's layout and limits.
inline constexpr std::int32_t kStateHeaderSize = ${stateHeaderSize};
inline constexpr std::int32_t kSeenLimit = ${seenLimit};
inline constexpr float kStateLimit = ${stateLimit.toFixed(1)}f;

}  // namespace lstmd
`;

const file = fileURLToPath(new URL('../native/kernel/format/codes.h', import.meta.url));
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write(
    'native/kernel/format/codes.h is not what src/engine/native says; run: npm run generate\n',
  );
  process.exit(1);
}
