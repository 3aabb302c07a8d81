"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { defineAction } from "@/lib/actions/define-action";
import { markNoticesSeen } from "@/lib/notices/commands";
import { isUuid } from "@/lib/public-id";
import { ok } from "@/lib/result";

/** Marks notices as seen for the user. Every role may. */
export const markNoticesSeenAction = defineAction(
  { permission: "app.read", input: z.object({ notice: z.string().optional() }) },
  async (actor, { notice }) => {
    if (notice === undefined || isUuid(notice)) await markNoticesSeen(actor, notice ?? null);
    revalidatePath("/o/[organization]", "layout");
    return ok(null);
  },
);
