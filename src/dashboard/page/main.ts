import type { Hello, Message } from '../messages.js';
import { Connection } from './connection.js';
import { CountersView, pill } from './counters-view.js';
import { Course } from './course.js';
import { byId, make } from './element.js';
import { HeatMap } from './heat-map.js';
import { LogView } from './log-view.js';
import { NowView } from './now-view.js';
import type { Plot } from './plot.js';
import { plotsOf } from './plots.js';
import { askForToken, takeTokenOfAddress } from './session.js';
import { Theme } from './theme.js';

/** The page of one device: it shows one of its streams at a time. */
class Page {
  readonly #now = new NowView();
  readonly #counters = new CountersView();
  readonly #heatMap = new HeatMap();
  readonly #log = new LogView();
  readonly #connection = new Connection({
    message: (message) => this.#take(message),
    lost: () => this.#lost(),
    tokenWanted: () => askForToken(() => this.#connection.open(this.#wanted)),
  });
  #course: Course | undefined;
  #plots: readonly Plot[] = [];
  #wanted: string | undefined;
  #isPaused = false;
  /** The time that the device had at a moment of this page's clock. */
  #deviceMs = 0;
  #heardMs = 0;

  start(): void {
    const picker = byId('stream', HTMLSelectElement);
    picker.addEventListener('change', () => {
      this.#wanted = picker.value;
      this.#connection.open(this.#wanted);
    });
    const pause = byId('pause', HTMLButtonElement);
    pause.addEventListener('click', () => {
      this.#isPaused = !this.#isPaused;
      pause.setAttribute('aria-pressed', String(this.#isPaused));
      pause.textContent = this.#isPaused ? 'Resume' : 'Pause';
    });
    this.#connection.open(undefined);
    const draw = (): void => {
      this.#draw();
      requestAnimationFrame(later);
    };
    // Ten pictures a second are as smooth as the data.
    const later = (): void => void setTimeout(draw, 100);
    later();
  }

  /** Makes the plots anew, as after the colours have changed. */
  redraw(): void {
    for (const plot of this.#plots) {
      plot.remove();
    }
    this.#plots = this.#course === undefined ? [] : plotsOf(this.#course);
  }

  #take(message: Message): void {
    switch (message.kind) {
      case 'hello':
        return this.#hello(message);
      case 'columns':
        this.#course?.add(message);
        return this.#heard(message.timeMs);
      case 'marks':
        return this.#course?.addMarks(message.marks);
      case 'state':
        return this.#isPaused ? undefined : this.#heatMap.draw(message.tensors);
      case 'counters':
        this.#counters.draw(message, this.#course?.facts.rateHz ?? Number.NaN);
        return this.#pick(message.streams);
    }
  }

  #hello({ device, version, streams, stream, columns, marks }: Hello): void {
    document.title = `${device} · lstmd`;
    const title = byId('device', HTMLSpanElement);
    title.textContent = device;
    title.title = `lstmd ${version}`;
    pill('link', true, 'live');
    if (stream === null) {
      return;
    }
    if (this.#course?.fits(stream) !== true) {
      this.#course = new Course(stream);
      this.#log.clear();
      this.#now.show(this.#course);
      this.redraw();
    }
    this.#wanted = stream.name;
    this.#pick(streams);
    this.#course.begin(columns);
    this.#course.addMarks(marks);
    this.#heard(columns.timeMs);
  }

  #heard(timeMs: readonly number[]): void {
    const newest = timeMs.at(-1);
    if (newest !== undefined) {
      this.#deviceMs = newest;
      this.#heardMs = performance.now();
    }
  }

  #lost(): void {
    pill('link', false, 'reconnecting');
    pill('sensor', undefined, 'sensor');
    pill('broker', undefined, 'broker');
  }

  #pick(streams: readonly string[]): void {
    const picker = byId('stream', HTMLSelectElement);
    const shown = [...picker.options].map(({ value }) => value);
    if (JSON.stringify(shown) !== JSON.stringify(streams)) {
      picker.replaceChildren(
        ...streams.map((name) => {
          const option = make('option', '', name);
          option.value = name;
          return option;
        }),
      );
    }
    picker.value = this.#wanted ?? '';
  }

  #draw(): void {
    const course = this.#course;
    if (course === undefined || this.#isPaused || document.hidden || this.#deviceMs === 0) {
      return;
    }
    const untilMs = this.#deviceMs + (performance.now() - this.#heardMs);
    for (const plot of this.#plots) {
      plot.draw(untilMs);
    }
    this.#now.draw(course);
    this.#log.draw(course);
  }
}

const page = new Page();
const theme = new Theme(() => page.redraw());
theme.start();
await takeTokenOfAddress();
page.start();
