import "server-only";
import type { Place } from "@/lib/crypto/envelope";

/** Where an app's sealed secret lives: its AppSecret or SuiteSecret. */
export const secretPlace = (organizationId: string, appId: string): Place => ({
  organizationId,
  table: "dingtalk_app",
  row: appId,
  column: "sealed_secret",
});

/** Where a third-party app's sealed suite ticket lives. */
export const ticketPlace = (organizationId: string, appId: string): Place => ({
  ...secretPlace(organizationId, appId),
  column: "sealed_suite_ticket",
});
