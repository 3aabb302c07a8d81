// Run before any other script of a page. zod tries out whether it may evaluate text, which the policy refuses and
// the browser reports each time (S34). This is what `z.config({ jitless: true })` sets, without zod in every page.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
