/** The longest delay that a timer of Node takes, some 24.8 days: a longer one becomes 1 ms. */
export const longestTimerMs = 2 ** 31 - 1;
/** The same in whole seconds. */
export const longestTimerSeconds = Math.floor(longestTimerMs / 1000);
