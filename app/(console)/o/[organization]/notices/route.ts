import { z } from "zod";
import { defineRead } from "@/lib/http/define-read";
import { noticesStamp } from "./load-notices";

/** Returns a stamp that changes with the notices. */
export const GET = defineRead(
  { permission: "app.read", params: [], query: z.object({}) },
  async ({ actor }) => ({ stamp: await noticesStamp(actor) }),
);
