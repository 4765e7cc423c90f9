export { misread, type FramingFault } from '#src/simulator/faults/uart.js';
