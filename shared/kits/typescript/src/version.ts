/** The package's version, which a test holds to package.json: an edge has no file to read it from. */
export const VERSION = "0.1.0";
