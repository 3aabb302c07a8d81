/** Clock of token lifetimes, throttles, call times and redelivery, so that tests need no sleeps. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the time forward at once, and runs the tasks that became due, earliest first. */
  advance(ms: number): void;
  /**
   * Runs a task when `ms` have passed.
   *
   * @returns a function that cancels the task
   */
  after(ms: number, task: () => void): () => void;
  /** Returns the time of the earliest task, or null if there is none. */
  nextTaskAt(): number | null;
};

type Task = { readonly at: number; readonly run: () => void };

/** Tasks of a clock, earliest first. Tasks of one time keep the order in which they were added. */
function makeTasks() {
  const tasks: Task[] = [];
  return {
    earliest: (): Task | undefined => tasks[0],
    add(task: Task): void {
      const earlier = tasks.findLastIndex(({ at }) => at <= task.at);
      tasks.splice(earlier + 1, 0, task);
    },
    remove(task: Task): void {
      const index = tasks.indexOf(task);
      if (index !== -1) tasks.splice(index, 1);
    },
  };
}

/** The longest delay of a timer of Node. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Returns a clock that follows the machine's clock, plus the time by which it was advanced. */
export function runningClock(): Clock {
  const tasks = makeTasks();
  let offsetMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const now = () => Date.now() + offsetMs;

  function runDue(): void {
    for (let task = tasks.earliest(); task && task.at <= now(); task = tasks.earliest()) {
      tasks.remove(task);
      task.run();
    }
    setTimer();
  }

  function setTimer(): void {
    clearTimeout(timer);
    const task = tasks.earliest();
    // A pending task must not keep the process running after everything else has ended.
    if (task) timer = setTimeout(runDue, Math.min(Math.max(task.at - now(), 0), TIMER_MS_MAX)).unref();
  }

  return {
    now,
    advance(ms) {
      offsetMs += ms;
      runDue();
    },
    after(ms, run) {
      const task = { at: now() + ms, run };
      tasks.add(task);
      setTimer();
      return () => tasks.remove(task);
    },
    nextTaskAt: () => tasks.earliest()?.at ?? null,
  };
}

const FROZEN_AT = Date.UTC(2026, 0, 5, 1, 0, 0);

/** Returns a clock that stands still unless it is advanced. */
export function frozenClock(startAt = FROZEN_AT): Clock {
  const tasks = makeTasks();
  let at = startAt;
  return {
    now: () => at,
    advance(ms) {
      const target = at + ms;
      for (let task = tasks.earliest(); task && task.at <= target; task = tasks.earliest()) {
        tasks.remove(task);
        at = Math.max(at, task.at);
        task.run();
      }
      at = target;
    },
    after(ms, run) {
      const task = { at: at + ms, run };
      tasks.add(task);
      return () => tasks.remove(task);
    },
    nextTaskAt: () => tasks.earliest()?.at ?? null,
  };
}
