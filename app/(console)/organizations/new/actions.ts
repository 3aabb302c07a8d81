"use server";

import { defineUserAction } from "@/lib/actions/define-action";
import { getOwnEmail } from "@/lib/auth/confirm-password";
import { requestOrigin } from "@/lib/auth/require-actor";
import { createOrganization } from "@/lib/organizations/create-organization";
import { newOrganizationInput } from "@/lib/organizations/schema";
import { toPublicId } from "@/lib/public-id";
import { ok } from "@/lib/result";

export const createOrganizationAction = defineUserAction(newOrganizationInput, async (who, input) => {
  const { address } = await requestOrigin();
  const owner = { userId: who.userId, email: await getOwnEmail(who) };
  return ok({ organization: toPublicId(await createOrganization(owner, input.organization, address)) });
});
