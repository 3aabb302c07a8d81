import { receiveCallback } from "@/lib/events/receive/receive-callback";
import { defineCallback } from "@/lib/http/define-callback";

export const POST = defineCallback(receiveCallback);
