import { z } from "zod";
import { organizationName } from "@/lib/auth/schema";

export const renameOrganizationInput = z.object({ name: organizationName });

/** The typed confirmation: what is compared is in the handler, for it depends on the shown name. */
export const deleteOrganizationInput = z.object({ typed: z.string().max(300) });
