/** Origin of the server under test. */
export const ORIGIN = `http://127.0.0.1:${process.env.E2E_PORT ?? 3199}`;
