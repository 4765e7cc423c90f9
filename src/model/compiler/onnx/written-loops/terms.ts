import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../../source/onnx-source.js';
import { readPick } from './pick.js';
import { TensorNumbers } from './tensor-numbers.js';
import type { Term, TermNode } from './term.js';

/** Operators that hand their first input on. */
const passing: ReadonlySet<string> = new Set(['Identity', 'Dropout']);

/** The terms of a graph, each behind all that it is computed from. */
export class GraphTerms {
  readonly terms: Term[] = [];
  readonly #byName = new Map<string, Term>();
  readonly #byKey = new Map<string, Term>();
  readonly #tensors = new TensorNumbers();
  #unlike = 0;

  constructor(graph: OnnxGraph) {
    for (const [name, tensor] of graph.initializers) {
      this.#addTensor(name, tensor);
    }
    for (const { name } of graph.inputs) {
      if (!this.#byName.has(name)) {
        this.#add(name, `input ${name}`, {});
      }
    }
    for (const node of graph.nodes) {
      this.#addNode(node);
    }
  }

  /** The term of a name; undefined for a name that nothing gives. */
  get(name: string): Term | undefined {
    return this.#byName.get(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  #addTensor(name: string, tensor: OnnxTensor): void {
    this.#add(name, `tensor ${this.#tensors.numberOf(tensor)}`, { tensor });
  }

  #addNode(node: OnnxNode): void {
    const { operator, domain, outputs } = node;
    const constant = node.attributes.get('value');
    if (operator === 'Constant' && domain === '' && constant?.kind === 'tensor') {
      this.#addTensor(outputs[0] ?? '', constant.value);
      return;
    }
    const inputs = node.inputs.map((name) => this.#byName.get(name) ?? null);
    const [first, , training] = inputs;
    const isInference = (training ?? null) === null || training?.tensor?.data?.[0] === 0;
    if (
      isInference &&
      passing.has(operator) &&
      domain === '' &&
      first !== undefined &&
      first !== null
    ) {
      this.#byName.set(outputs[0] ?? '', first);
      return;
    }
    const key = `${domain}:${operator}(${outputs.length})${this.#attributesKey(node)}`;
    const from: TermNode = { node, inputs, key };
    const { pick: shaped } = first ?? { pick: null };
    // The shape of one step is that of every other.
    const inputKey =
      operator === 'Shape' && domain === '' && shaped !== null
        ? `any step of ${shaped.of.id} ${shaped.axis} ${shaped.isKept}`
        : inputs.map((input) => input?.id ?? '_').join(' ');
    for (const [output, name] of outputs.entries()) {
      if (name !== '') {
        const pick = readPick(from, output);
        this.#add(name, `${key}.${output} ${inputKey}`, { from, output, pick });
      }
    }
  }

  #add(name: string, key: string, parts: Partial<Term>): void {
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      this.#byName.set(name, known);
      return;
    }
    const term: Term = {
      id: this.terms.length,
      name,
      from: null,
      output: 0,
      tensor: null,
      pick: null,
      ...parts,
    };
    this.terms.push(term);
    this.#byName.set(name, term);
    this.#byKey.set(key, term);
  }

  #attributesKey({ attributes }: OnnxNode): string {
    return [...attributes]
      .map(([key, attribute]) => {
        switch (attribute.kind) {
          case 'tensor':
            return `${key}=tensor ${this.#tensors.numberOf(attribute.value)}`;
          case 'graph':
            // Nodes that hold graphs are never taken for the same.
            this.#unlike += 1;
            return `${key}=graph ${this.#unlike}`;
          default:
            return `${key}=${JSON.stringify(attribute.value)}`;
        }
      })
      .sort()
      .join(',');
  }
}
