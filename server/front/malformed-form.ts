import type { ServerResponse } from "node:http";
import { followAction } from "@/lib/http/action-progress";

/**
 * Passes a form to Next, and answers a malformed one with 400. Next answers 500 when it cannot read a body; before the
 * action has begun, nothing else can fail.
 */
export function handleForm(response: ServerResponse, handle: () => Promise<void>): Promise<void> {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  return followAction((hasBegun) => {
    response.writeHead = (status: number, ...head: unknown[]) =>
      writeHead(status === 500 && !hasBegun() ? 400 : status, ...head);
    return handle();
  });
}
