import type { StateTensorNow } from '../messages.js';
import { byId, make } from './element.js';

/** The state as rows of cells, one canvas for each tensor. */
export class HeatMap {
  #canvases: {
    readonly key: string;
    readonly canvas: HTMLCanvasElement;
    readonly said: HTMLElement;
  }[] = [];

  draw(tensors: readonly StateTensorNow[]): void {
    byId('state-card', HTMLElement).hidden = tensors.length === 0;
    const keys = tensors.map(({ layer, role, size }) => `${layer} ${role} ${size}`);
    if (keys.join('|') !== this.#canvases.map(({ key }) => key).join('|')) {
      this.#make(tensors, keys);
    }
    for (const [n, tensor] of tensors.entries()) {
      const place = this.#canvases[n];
      if (place !== undefined) {
        paint(place.canvas, place.said, tensor);
      }
    }
  }

  #make(tensors: readonly StateTensorNow[], keys: readonly string[]): void {
    const boxes = tensors.map(({ layer, role, size }, n) => {
      const box = make('div', 'tensor');
      const head = make('div', 'tensor-head');
      const said = make('span');
      head.append(make('span', '', `${layer} ${role}`), said);
      const canvas = make('canvas');
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', `${role} of ${layer}, ${size} units`);
      box.append(head, canvas);
      return { key: keys[n] ?? '', canvas, said, box };
    });
    this.#canvases = boxes;
    byId('state', HTMLDivElement).replaceChildren(...boxes.map(({ box }) => box));
  }
}

const mostColumns = 64;
const cellPixels = 10;

function paint(canvas: HTMLCanvasElement, said: HTMLElement, tensor: StateTensorNow): void {
  const bytes = Int8Array.from(atob(tensor.cells), (letter) => letter.charCodeAt(0));
  const columns = bytes.length <= mostColumns ? mostColumns / 2 : mostColumns;
  const rows = Math.ceil(bytes.length / columns);
  const ctx = canvas.getContext('2d');
  if (ctx === null) {
    return;
  }
  if (canvas.width !== columns * cellPixels || canvas.height !== rows * cellPixels) {
    canvas.width = columns * cellPixels;
    canvas.height = rows * cellPixels;
  }
  ctx.clearRect(0, 0, canvas.width, canvas.height);
  for (const [n, byte] of bytes.entries()) {
    ctx.fillStyle = cellColour(byte / 127);
    ctx.fillRect(
      (n % columns) * cellPixels,
      Math.floor(n / columns) * cellPixels,
      cellPixels - 1,
      cellPixels - 1,
    );
  }
  const perCell = Math.ceil(tensor.size / bytes.length);
  said.textContent = `${tensor.size} units${perCell > 1 ? `, ${perCell} a cell` : ''}, ±${tensor.scale}`;
}

/** Blue below 0, red above, and next to nothing at 0. */
function cellColour(value: number): string {
  const strength = Math.min(1, Math.abs(value)) ** 0.75;
  const [red, green, blue] = value < 0 ? [38, 110, 214] : [214, 62, 46];
  return `rgb(${red} ${green} ${blue} / ${(0.07 + 0.93 * strength).toFixed(3)})`;
}
