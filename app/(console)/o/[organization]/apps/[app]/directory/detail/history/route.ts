import { listHistory } from "@/lib/directory/history/list-history";
import { historyQuery } from "@/lib/directory/history/schema";
import { defineRead } from "@/lib/http/define-read";

/** Returns the applied changes of a department or member. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: historyQuery },
  ({ actor, params, query }) => listHistory(actor, params.app, query),
);
