// Long work in pieces, so that the page answers meanwhile.

const AT_ONCE = 8;

/** A pause to be taken between pieces: it is one only when the work since the last has taken milliseconds. */
export const pace = (
  rest: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve)),
): (() => Promise<boolean>) => {
  let began = performance.now();
  return async () => {
    if (performance.now() - began <= AT_ONCE) return false;
    await rest();
    began = performance.now();
    return true;
  };
};
