// Runs before any other script of a page. zod tests whether it may evaluate code, which the content security policy
// refuses and browsers report each time (S34). This sets what `z.config({ jitless: true })` sets, without loading zod.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
