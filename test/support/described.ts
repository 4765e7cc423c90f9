import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import { z } from 'zod';

const reference = z.object({ $ref: z.string() });

const documentShape = z.object({
  channels: z.record(
    z.string(),
    z.object({ address: z.string(), messages: z.record(z.string(), reference) }),
  ),
  operations: z.record(z.string(), z.object({ action: z.enum(['send', 'receive']) })),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});

/** A document as `lstmd describe` prints it, held against the JSON Schema of AsyncAPI 3.0.0. */
export class DescribedDevice {
  readonly operations: readonly string[];
  readonly #schemas = new Map<string, ValidateFunction>();

  /** @throws Error where the text is no AsyncAPI document */
  constructor(text: string) {
    const parsed: unknown = JSON.parse(text);
    const isAsyncApi = asyncApiSchema();
    if (!isAsyncApi(parsed)) {
      throw new Error(`no AsyncAPI 3.0.0: ${JSON.stringify(isAsyncApi.errors)}`);
    }
    const { channels, operations, components } = documentShape.parse(parsed);
    this.operations = Object.keys(operations);
    const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
    for (const [key, { address }] of Object.entries(channels)) {
      this.#schemas.set(address, ajv.compile(components.schemas[key] ?? false));
    }
  }

  get addresses(): string[] {
    return [...this.#schemas.keys()];
  }

  /** Returns what is wrong with a payload; undefined where it is as described. */
  faultOf(topic: string, payload: unknown): string | undefined {
    const isDescribed = this.#schemas.get(topic);
    if (isDescribed === undefined) {
      return `${topic} is not described`;
    }
    return isDescribed(payload)
      ? undefined
      : `${topic}: ${JSON.stringify(isDescribed.errors)} in ${JSON.stringify(payload)}`;
  }
}

function asyncApiSchema(): ValidateFunction {
  const file = createRequire(import.meta.url).resolve(
    '@asyncapi/specs/schemas/3.0.0-without-$id.json',
  );
  const schema = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, 'utf8')));
  return new Ajv({ strict: false, validateFormats: false, logger: false }).compile(schema);
}
