import "server-only";
import type { SealContext } from "@/lib/crypto/envelope";

export const secretContext = (organizationId: string, appId: string): SealContext => ({
  organizationId,
  table: "dingtalk_app",
  row: appId,
  column: "sealed_secret",
});

export const ticketContext = (organizationId: string, appId: string): SealContext => ({
  ...secretContext(organizationId, appId),
  column: "sealed_suite_ticket",
});
