import "server-only";
import { env } from "@/lib/env";

/** The addresses from which this server calls DingTalk, as its operator says, for apps that allow only some. */
export const egressAddresses = (): readonly string[] => env().EGRESS_ADDRESSES;
