/**
 * Draws the outputs over time: for the recording that is chosen a canvas for each mode, with the label of each
 * sample below. It reads the JSON in the element "data": see `page.ts`.
 */
export const script = String.raw`
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const choice = document.getElementById('recording');
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const colour = (n) => css('--c' + (n % 8));
  const number = (value) => Math.abs(value) >= 1000 || (value !== 0 && Math.abs(value) < 0.001)
    ? value.toExponential(2) : value.toFixed(3);

  function unpack(course) {
    const low = bytes(course.l);
    return { stretch: course.s, low, high: course.h === undefined ? low : bytes(course.h) };
  }

  function draw(canvas, mode, recording) {
    const courses = mode.courses[recording].map(unpack);
    const labels = unpack(data.recordings[recording].labels);
    const samples = data.recordings[recording].samples;
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const left = 52, top = 8, foot = 38;
    const plot = height - top - foot;
    const x = (sample) => left + ((width - left - 6) * sample) / Math.max(1, samples);
    const y = (byte) => top + plot * (1 - byte / 254);
    pen.font = '11px system-ui, sans-serif';
    pen.fillStyle = css('--dim');
    pen.strokeStyle = css('--line');
    for (const part of [0, 0.5, 1]) {
      pen.beginPath();
      pen.moveTo(left, y(254 * part));
      pen.lineTo(width - 6, y(254 * part));
      pen.stroke();
      pen.textAlign = 'right';
      pen.fillText(number(mode.low + part * (mode.high - mode.low)), left - 6, y(254 * part) + 4);
    }
    // Values have targets in place of labels.
    const hasLabels = data.labels.length > 0;
    for (let n = 0, end = 0; hasLabels && n < labels.low.length; n = end) {
      // Samples with the same label are one bar, without seams.
      for (end = n + 1; end < labels.low.length && labels.low[end] === labels.low[n];) end += 1;
      if (labels.low[n] === 255) continue;
      pen.fillStyle = colour(data.labelColours[labels.low[n]]);
      const from = x(n * labels.stretch);
      pen.fillRect(from, top + plot + 9, x(Math.min(samples, end * labels.stretch)) - from, 9);
    }
    pen.fillStyle = css('--dim');
    pen.textAlign = 'left';
    if (hasLabels) pen.fillText('label', 4, top + plot + 18);
    pen.fillText('sample 0', left, height - 4);
    pen.textAlign = 'right';
    pen.fillText(String(samples), width - 6, height - 4);
    if (mode.threshold >= mode.low && mode.threshold <= mode.high) {
      const at = y((254 * (mode.threshold - mode.low)) / (mode.high - mode.low));
      pen.strokeStyle = css('--dim');
      pen.setLineDash([3, 4]);
      pen.beginPath();
      pen.moveTo(left, at);
      pen.lineTo(width - 6, at);
      pen.stroke();
    }
    courses.forEach((course, n) => {
      pen.setLineDash(mode.dashed[n] ? [5, 4] : []);
      pen.strokeStyle = colour(mode.colours[n]);
      pen.lineWidth = 1.4;
      pen.lineJoin = 'round';
      pen.beginPath();
      let last = -Infinity;
      for (let at = 0; at < course.low.length; at += 1) {
        if (course.low[at] === 255) continue;
        const middle = x((at + 0.5) * course.stretch);
        // Outputs of every n-th sample are one line; a longer silence breaks it.
        const isNext = (at - last - 1) * course.stretch < mode.stride;
        if (isNext) pen.lineTo(middle, y(course.low[at]));
        else pen.moveTo(middle, y(course.low[at]));
        if (course.high[at] !== course.low[at]) pen.lineTo(middle, y(course.high[at]));
        last = at;
      }
      pen.stroke();
    });
    canvas.onmousemove = (event) => {
      const sample = Math.floor(((event.offsetX - left) / (width - left - 6)) * samples);
      const read = canvas.nextElementSibling;
      if (sample < 0 || sample >= samples) {
        read.textContent = '';
        return;
      }
      const parts = courses.map((course, n) => {
        const at = Math.floor(sample / course.stretch);
        if (course.low[at] === 255 || course.low[at] === undefined) return mode.names[n] + ' -';
        const value = (byte) => number(mode.low + ((mode.high - mode.low) * byte) / 254);
        const [low, high] = [value(course.low[at]), value(course.high[at])];
        return mode.names[n] + ' ' + (low === high ? low : low + ' to ' + high);
      });
      const label = data.labels[labels.low[Math.floor(sample / labels.stretch)]];
      const told = hasLabels ? '; label ' + (label === undefined ? 'none' : label) : '';
      read.textContent = 'sample ' + sample + ': ' + parts.join('; ') + told;
    };
    canvas.onmouseleave = () => { canvas.nextElementSibling.textContent = ''; };
  }

  function drawAll() {
    data.modes.forEach((mode, n) => {
      draw(document.getElementById('course-' + n), mode, Number(choice.value));
    });
  }
  if (choice !== null) {
    choice.addEventListener('change', drawAll);
    addEventListener('resize', drawAll);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
    drawAll();
  }
})();
`;
