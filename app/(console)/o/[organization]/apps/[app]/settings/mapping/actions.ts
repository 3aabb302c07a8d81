"use server";

import { revalidatePath } from "next/cache";
import { defineAction } from "@/lib/actions/define-action";
import { grantIfAllowed } from "@/lib/auth/actor";
import { getMapping } from "@/lib/directory/mapping/preview-mapping";
import { saveMapping } from "@/lib/directory/mapping/save-mapping";
import { mappingInput } from "@/lib/directory/mapping/schema";
import { AppError } from "@/lib/errors";
import { err, ok } from "@/lib/result";

/** Saves the mapping, or only previews it. Both validate it. */
export const mappingAction = defineAction(
  { permission: "app.change", input: mappingInput },
  async (actor, { app, of: mapped, intent, ...given }) => {
    const isSave = intent === "save";
    const saved = await saveMapping(actor, app, { mapped, given, isSave });
    if (!saved.ok) {
      const wrong = Object.entries(saved.error).map(([field, key]) => [field, { key: `validation.${key}` }]);
      return err({ message: { key: "validation.form" }, fieldErrors: Object.fromEntries(wrong) });
    }
    const reader = grantIfAllowed(actor, "directory.read");
    if (!reader) throw new AppError("forbidden", "app.change without directory.read");
    const personal = grantIfAllowed(actor, "directory.readPersonal");
    const { preview } = await getMapping(reader, app, { mapped, given, personal });
    if (isSave) revalidatePath("/o/[organization]/apps/[app]/settings/mapping", "page");
    return ok({ preview, isSaved: isSave });
  },
);
