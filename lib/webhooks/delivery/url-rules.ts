import "server-only";
import { env } from "@/lib/env";
import type { UrlRules } from "./webhook-url";

/** Returns the rules for webhooks' addresses as this server is configured. */
export const urlRules = (): UrlRules => ({
  allowsPrivate: env().WEBHOOK_ALLOW_PRIVATE,
  ownAddresses: env().EGRESS_ADDRESSES,
  ownHosts: [new URL(env().NEXTAUTH_URL).hostname],
});
