import type { IncomingMessage, ServerResponse } from "node:http";
import { followAction } from "@/lib/http/action-progress";

/** Returns whether a request runs an action of a page. */
export const isForm = ({ method, headers }: IncomingMessage): boolean =>
  method === "POST" &&
  (headers["next-action"] !== undefined || (headers["content-type"] ?? "").startsWith("multipart/form-data"));

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
