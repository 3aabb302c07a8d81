// `npm` and its shell end at SIGTERM without passing it on, so our processes have to notice that their parent has
// ended. Runs on Node 20 with nothing installed.
import { spawn } from "node:child_process";

/**
 * Runs a program to its end, and passes SIGTERM on to it. Ctrl-C reaches both processes anyway; this one waits for the
 * program.
 *
 * @returns the exit code, and whether a signal came meanwhile
 */
export function run(program, args, options) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: "inherit", ...options });
    let isStopped = false;
    const onTerm = () => {
      isStopped = true;
      child.kill("SIGTERM");
    };
    const onInterrupt = () => {
      isStopped = true;
    };
    process.on("SIGTERM", onTerm).on("SIGINT", onInterrupt);
    const end = (code) => {
      process.off("SIGTERM", onTerm).off("SIGINT", onInterrupt);
      resolve({ code, isStopped });
    };
    child.once("error", () => end(1));
    child.once("exit", (code, signal) => end(code ?? (signal ? 1 : 0)));
  });
}

const POLL_MS = 500;

let watch = null;

/**
 * Sends SIGTERM to this process when its parent has ended. Applies only under npm, because a process started with `node
 * … &` may outlive its shell.
 */
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
