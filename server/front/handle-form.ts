import type { IncomingMessage, ServerResponse } from "node:http";
import { followAction } from "@/lib/http/action-course";

/** Whether a request sends a form, for which Next runs an action of a page. Next answers 500 when it can't read the body. */
export const isForm = ({ method, headers }: IncomingMessage): boolean =>
  method === "POST" &&
  (headers["next-action"] !== undefined || (headers["content-type"] ?? "").startsWith("multipart/form-data"));

/** Hands a form to Next. A failure before the action has begun is the request's fault: 400 instead of 500. */
export function handleForm(response: ServerResponse, handle: () => Promise<void>): Promise<void> {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  return followAction((hasBegun) => {
    response.writeHead = (status: number, ...head: unknown[]) =>
      writeHead(status === 500 && !hasBegun() ? 400 : status, ...head);
    return handle();
  });
}
