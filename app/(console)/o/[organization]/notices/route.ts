import { z } from "zod";
import { defineRead } from "@/lib/http/define-read";
import { noticesStamp } from "./load-notices";

/** Another stamp whenever the frame of a page has to tell something else. */
export const GET = defineRead(
  { permission: "app.read", params: [], query: z.object({}) },
  async ({ actor }) => ({ stamp: await noticesStamp(actor) }),
);
