/** The way out where a number of the graph is a length of the window, which nothing in the file says. */
export const isForOneWindow =
  'is a length of the window, it was exported for that length alone: give it as the window (model.window, --window)';
