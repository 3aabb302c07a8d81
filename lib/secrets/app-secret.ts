import "server-only";
import type { Place } from "@/lib/crypto/envelope";

/** Where an app's sealed secret lives. */
export const secretPlace = (organizationId: string, appId: string): Place => ({
  organizationId,
  table: "dingtalk_app",
  row: appId,
  column: "sealed_secret",
});
