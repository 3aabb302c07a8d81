import { z } from "zod";
import { DINGTALK_ERROR_KINDS, DINGTALK_THROTTLE_SCOPES } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";

const text = z.string().nullable().catch(null);

/** The result of `DingtalkError.describe()`, perhaps of an earlier version with other fields. */
const description = z.object({
  kind: z
    .enum(DINGTALK_ERROR_KINDS as readonly [string, ...string[]])
    .transform((kind) => kind as DingtalkError["kind"]),
  api: z.string(),
  host: z.string(),
  status: z.number().nullable().catch(null),
  code: text,
  subCode: text,
  message: z.string().catch(""),
  requestId: text,
  requiredScopes: z.array(z.string()).catch([]),
  callerIp: text,
  appKey: text,
  contentType: text,
  bodyStart: text,
  networkCode: text,
  throttleScope: z.enum(DINGTALK_THROTTLE_SCOPES).nullable().catch(null),
  retryAfterMs: z.number().nullable().catch(null),
});

/** Restores a stored failure so that it can be thrown again; `null` for none. */
export function parseStoredError(stored: unknown): DingtalkError | null {
  const parsed = description.safeParse(stored);
  if (!parsed.success) return null;
  const { kind, api, throttleScope, retryAfterMs, ...upstream } = parsed.data;
  return new DingtalkError({ kind, api, upstream, throttleScope, retryAfterMs });
}
