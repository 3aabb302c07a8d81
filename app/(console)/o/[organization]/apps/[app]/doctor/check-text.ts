import type { useTranslations } from "next-intl";
import {
  DOCTOR_CHECKS,
  type DoctorCheck,
  type DoctorCheckName,
  type DoctorChecks,
} from "@/lib/doctor/schema";
import { type FaultTranslator, faultWords } from "@/lib/i18n/fault-words";

export type DoctorTranslator = ReturnType<typeof useTranslations<"doctor">>;
type MessageKey = `says.${string}`;

function scopeMessage({ state, facts }: DoctorCheck): MessageKey {
  if (state === "passed") return "says.scopeAll";
  if (facts.departments !== 0) return "says.scopePart";
  return facts.members === 0 ? "says.scopeNone" : "says.scopePeople";
}

function ofField({ state, facts }: DoctorCheck): MessageKey {
  if (state === "passed") return "says.shown";
  if (state === "warning") return "says.hiddenWanted";
  return facts.isv ? "says.hiddenIsv" : "says.hidden";
}

function ofHeadcount({ state, facts }: DoctorCheck): MessageKey {
  if (state === "warning") return "says.headcountFar";
  return facts.held === undefined ? "says.headcount" : "says.headcountNear";
}

function ofEvents({ state, facts }: DoctorCheck): MessageKey {
  if (state === "absent") return "says.events";
  if (facts.missed !== undefined) return "says.eventsMissed";
  const isStream = facts.way === "stream";
  if (state === "passed") return isStream ? "says.eventsStream" : "says.eventsHttp";
  return isStream ? "says.eventsNotConnected" : "says.eventsNotVerified";
}

/** Returns the message key for a check's result; `null` when its fault explains it. */
function sentenceOf(name: DoctorCheckName, check: DoctorCheck): MessageKey | null {
  const { state, facts, fault } = check;
  if (fault) return null;
  if (state === "not_run") return facts.nobody ? "says.nobody" : "says.notRun";
  switch (name) {
    case "scope":
      return scopeMessage(check);
    case "mobile":
    case "email":
      return ofField(check);
    case "headcount":
      return ofHeadcount(check);
    case "events":
      return ofEvents(check);
    case "egress":
      return facts.addresses === undefined ? "says.egress" : "says.egressFrom";
    case "wholeTree":
      return state === "passed" ? "says.wholeTree" : "says.noWholeTree";
    case "clock":
      return state === "passed" ? "says.clock" : "says.clockOff";
    case "departments":
      return facts.beyond ? "says.allowedBeyond" : "says.departments";
    case "scopes":
    case "department":
    case "members":
    case "member":
      return facts.beyond ? "says.allowedBeyond" : "says.allowed";
    default:
      return `says.${name}`;
  }
}

/** Describes a check's result; `null` when its fault explains it. */
export function checkText(t: DoctorTranslator, name: DoctorCheckName, check: DoctorCheck): string | null {
  const sentence = sentenceOf(name, check);
  return sentence && t(sentence as never, check.facts as never);
}

type Translators = {
  readonly t: DoctorTranslator;
  readonly fault: FaultTranslator;
  readonly stateLabel: (state: DoctorCheck["state"]) => string;
};

/** Returns the report as text for a support request, without secrets, tokens or names. */
export function reportText(
  head: string,
  checks: DoctorChecks,
  { t, fault, stateLabel }: Translators,
): string {
  const lines = DOCTOR_CHECKS.flatMap((name) => {
    const check = checks[name];
    if (!check) return [];
    const { fault: refusal, state, checkedAt } = check;
    const codes = [refusal?.api, refusal?.code, refusal?.subCode, refusal?.requestId].filter(Boolean);
    const text = refusal
      ? `${faultWords(fault, refusal).title} [${codes.join(" ")}]`
      : checkText(t, name, check);
    return [`${stateLabel(state)} · ${t(`check.${name}`)} · ${text} · ${checkedAt}`];
  });
  return [head, ...lines].join("\n");
}
