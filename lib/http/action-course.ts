import { AsyncLocalStorage } from "node:async_hooks";
import { processWide } from "@/lib/process-wide";

type Course = { hasBegun: boolean };

const courses = () => processWide("http.action-course", () => new AsyncLocalStorage<Course>());

/** Runs `work`, which may run a page's action, and gives it what tells whether the action has begun. */
export function followAction<T>(work: (hasBegun: () => boolean) => Promise<T>): Promise<T> {
  const course = { hasBegun: false };
  return courses().run(course, () => work(() => course.hasBegun));
}

/** Notes that the present request's body was read and its action has begun. */
export function beginAction(): void {
  const course = courses().getStore();
  if (course) course.hasBegun = true;
}

/** Whether the present request is for an action that has not begun: what fails now fails because of the request's body. */
export const isBeforeAction = (): boolean => courses().getStore()?.hasBegun === false;
