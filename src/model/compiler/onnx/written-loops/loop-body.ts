import type { OnnxGraph, OnnxNode, OnnxValueInfo } from '../../../source/onnx-source.js';
import { standardNode } from '../standard-node.js';
import type { FoundLoop } from './found-loop.js';
import type { Role } from './roles.js';
import { sourceKey, type StepSource } from './step-sources.js';
import type { Term } from './term.js';

/** The names of the body of a loop. */
export class LoopBody {
  readonly #loop: FoundLoop;
  readonly #nodes: OnnxNode[] = [];
  readonly #done = new Set<OnnxNode | string>();
  readonly #steps = new Map<string, { readonly name: string; readonly source: StepSource }>();

  constructor(loop: FoundLoop) {
    this.#loop = loop;
  }

  /** The sources that the body takes a step of. */
  get sources(): readonly StepSource[] {
    return [...this.#steps.values()].map(({ source }) => source);
  }

  /** A graph that takes the states and a step of each source, and gives the states and the outputs. */
  graphOf(outputs: readonly Role[]): OnnxGraph {
    const order = [...this.#loop.states.keys()];
    const names = [...order, ...outputs].map((role) => this.#compute(role));
    const steps = [...this.#steps.values()].map(({ name }) => name);
    return {
      nodes: this.#nodes,
      initializers: new Map(),
      inputs: infos([...order.map((role) => this.#before(role)), ...steps]),
      outputs: infos(names),
    };
  }

  /** Adds the nodes of a role at its turn. */
  #compute(role: Role): string {
    const { roles, order } = this.#loop;
    const pattern = roles.patternOf(role);
    const source = order.sourceOf(pattern);
    if (source !== undefined) {
      return this.#step(pattern, source);
    }
    const node = pattern.from?.node;
    if (node === undefined || this.#done.has(node)) {
      return pattern.name;
    }
    const inputs = roles.inputsOf(role).map((input): string => {
      switch (input.kind) {
        case 'none':
          return '';
        case 'same':
          return input.term.name;
        case 'now':
          return this.#compute(input.role);
        case 'before':
          return this.#begin(input.role);
      }
    });
    this.#done.add(node);
    this.#nodes.push({ ...node, inputs });
    return pattern.name;
  }

  /** Adds the nodes of what a role was at the turn before. */
  #begin(role: Role): string {
    const { roles, derived } = this.#loop;
    const name = this.#before(role);
    const node = roles.patternOf(role).from?.node;
    if (!derived.has(role) || node === undefined) {
      return name;
    }
    const key = beforeName(node.outputs[0] ?? '');
    if (!this.#done.has(key)) {
      this.#done.add(key);
      const inputs = roles
        .inputsOf(role)
        .map((input): string =>
          input.kind === 'now'
            ? this.#begin(input.role)
            : input.kind === 'same'
              ? input.term.name
              : '',
        );
      const outputs = node.outputs.map((output) => (output === '' ? '' : beforeName(output)));
      this.#nodes.push({ ...node, inputs, outputs });
    }
    return name;
  }

  #before(role: Role): string {
    return beforeName(this.#loop.roles.patternOf(role).name);
  }

  /** The step of a source, with its axis where the graph keeps it. */
  #step(pattern: Term, source: StepSource): string {
    const key = sourceKey(source);
    const name = `${source.of.name}/step ${source.axis}`;
    this.#steps.set(key, { name, source });
    if (pattern.pick?.isKept !== true) {
      return name;
    }
    const kept = `${name}/kept`;
    if (!this.#done.has(kept)) {
      this.#done.add(kept);
      this.#nodes.push(
        standardNode('Unsqueeze', [name], [kept], { axes: { kind: 'ints', value: [source.axis] } }),
      );
    }
    return kept;
  }
}

function beforeName(name: string): string {
  return `${name}/before`;
}

function infos(names: readonly string[]): OnnxValueInfo[] {
  return names.map((name) => ({ name, type: 'float32', shape: null }));
}
