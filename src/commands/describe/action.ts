import { configSchema } from '../../agent/config-schema.js';
import { prepareStreams } from '../../agent/prepared-stream.js';
import { asyncApiDocument } from '../../asyncapi/document.js';
import { loadConfig } from '../../config/load-config.js';
import { yamlText } from '../../config/yaml-text.js';

export interface DescribeOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly yaml?: boolean;
}

/**
 * Prints the AsyncAPI document of a configuration.
 *
 * @throws LstmdError for a configuration or a model that cannot run
 */
export async function describe({ config: path, json }: DescribeOptions): Promise<void> {
  const { config } = await loadConfig(configSchema, path);
  const document = asyncApiDocument(config, await prepareStreams(config));
  process.stdout.write(
    json === true ? `${JSON.stringify(document, null, 2)}\n` : yamlText(document),
  );
}
