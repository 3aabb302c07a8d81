import type { Control } from "./control";

type RouteCall = {
  readonly control: Control;
  /** Decoded variable parts of the path. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** Unparsed, because the control parses its inputs itself. */
  readonly body: never;
};
/** Returns the answer's body, or a promise of it. */
export type Route = (call: RouteCall) => unknown;
