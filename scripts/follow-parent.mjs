// `npm` and the shell between it and us end at SIGTERM without handing it on, so a process that they started has to
// notice by itself that they are gone. Works on Node 20 with nothing installed.
const POLL_MS = 500;

let watch = null;

/** Sends this process SIGTERM once the process that started it has ended. Only below npm: a plain `node … &` outlives its shell. */
export function followParent() {
  if (watch !== null || !process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, "SIGTERM");
  }, POLL_MS);
  watch.unref();
}
