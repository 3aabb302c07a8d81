"use client";

import { PasswordInput, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type ClipboardEvent, type FocusEvent, type FormEvent, useState } from "react";
import { announce } from "@/app/_components/feedback/announce";
import { FieldNote } from "@/app/_components/forms/fields";
import { type AppKind, withoutPasted } from "@/lib/dingtalk-apps/setting-choices";
import { type ConsoleLocation, FieldConsoleSteps } from "./dingtalk-console-steps";

type Props = {
  readonly kind: AppKind;
  readonly errorOf: (field: string) => string | undefined;
  /** Reports where the focused field's value is in DingTalk's console. */
  readonly onLocation: (location: ConsoleLocation) => void;
};

const HIDDEN_EYE = { "aria-hidden": true, tabIndex: -1, style: { display: "none" } } as const;

const textOf = (form: HTMLFormElement | null, name: string) =>
  (form?.elements.namedItem(name) as HTMLInputElement | null)?.value.trim() ?? "";

/** An app's credential fields. On narrow screens each has its steps in DingTalk's console below it. */
export function ConnectFields({ kind, errorOf, onLocation }: Props) {
  const t = useTranslations("app");
  const connect = useTranslations("connect");
  const isSuite = kind === "isv";
  const corpLocation = isSuite ? "customer" : "corp";
  return (
    <>
      <TextInput
        label={t("name")}
        description={t("nameHelp")}
        name="name"
        maxLength={128}
        autoComplete="off"
        required
        withAsterisk={false}
        error={errorOf("name")}
      />
      {isSuite ? (
        <SuiteFields errorOf={errorOf} onLocation={onLocation} />
      ) : (
        <PairFields errorOf={errorOf} onLocation={onLocation} />
      )}
      <div>
        <PastedField
          label={kind === "internal" ? t("corpId") : "CorpId"}
          help={isSuite ? connect("customerHelp") : undefined}
          name="corpId"
          required={kind !== "internal"}
          onFocus={() => onLocation(corpLocation)}
          error={errorOf("corpId")}
        />
        <FieldConsoleSteps location={corpLocation} />
      </div>
      <div>
        <PastedField
          label={t("agentId")}
          help={t("agentHelp")}
          name="agentId"
          isNumber
          onFocus={() => onLocation("agent")}
          error={errorOf("agentId")}
        />
        <FieldConsoleSteps location="agent" />
      </div>
    </>
  );
}

type PartProps = Omit<Props, "kind">;

function PairFields({ errorOf, onLocation }: PartProps) {
  const t = useTranslations("app");
  const onFocus = () => onLocation("credentials");
  return (
    <>
      <div>
        <PastedField label={t("appKey")} name="appKey" required onFocus={onFocus} error={errorOf("appKey")} />
        <FieldConsoleSteps location="credentials" isOpen />
      </div>
      <div>
        <SecretField
          label={t("appSecret")}
          labels={{ secret: "AppSecret", key: "AppKey" }}
          name="appSecret"
          keyName="appKey"
          onFocus={onFocus}
          error={errorOf("appSecret")}
        />
        <FieldConsoleSteps location="credentials" />
      </div>
    </>
  );
}

/** SuiteKey, SuiteSecret and the suite ticket, which can be added later. */
function SuiteFields({ errorOf, onLocation }: PartProps) {
  const t = useTranslations("connect");
  const onFocus = () => onLocation("suite");
  return (
    <>
      <div>
        <PastedField
          label="SuiteKey"
          name="suiteKey"
          required
          onFocus={onFocus}
          error={errorOf("suiteKey")}
        />
        <FieldConsoleSteps location="suite" isOpen />
      </div>
      <div>
        <SecretField
          label="SuiteSecret"
          labels={{ secret: "SuiteSecret", key: "SuiteKey" }}
          name="suiteSecret"
          keyName="suiteKey"
          onFocus={onFocus}
          error={errorOf("suiteSecret")}
        />
        <FieldConsoleSteps location="suite" />
      </div>
      <div>
        <PasswordInput
          label={t("suiteTicket")}
          description={t("ticketHelp")}
          name="suiteTicket"
          autoComplete="off"
          onFocus={() => onLocation("ticket")}
          visibilityToggleButtonProps={HIDDEN_EYE}
          error={errorOf("suiteTicket")}
        />
        <FieldConsoleSteps location="ticket" />
      </div>
    </>
  );
}

type FieldProps = { readonly onFocus: () => void; readonly error: string | undefined };

type PastedProps = FieldProps & {
  readonly label: string;
  readonly name: string;
  readonly help?: string | undefined;
  readonly required?: boolean;
  readonly isNumber?: boolean;
};

/** A field for a pasted identifier. Removes what copying from a web page adds, and says so. */
function PastedField({ isNumber = false, help, ...props }: PastedProps) {
  const t = useTranslations("app");
  const [isCleaned, setIsCleaned] = useState(false);
  /** Simulates input, so that React, the test result and the field's error update. */
  const setCleanedValue = (input: HTMLInputElement) => {
    input.dispatchEvent(new Event("input", { bubbles: true }));
    setIsCleaned(true);
    announce(t("pastedCleaned"));
  };
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const { currentTarget: input } = event;
    const text = event.clipboardData.getData("text");
    const cleaned = withoutPasted(text);
    if (cleaned === text) return;
    event.preventDefault();
    input.setRangeText(cleaned, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end");
    setCleanedValue(input);
  };
  const onBlur = ({ currentTarget: input }: FocusEvent<HTMLInputElement>) => {
    const cleaned = withoutPasted(input.value);
    if (cleaned === input.value) return;
    input.value = cleaned;
    setCleanedValue(input);
  };
  return (
    <TextInput
      {...props}
      description={isCleaned ? <FieldNote tone="neutral">{t("pastedCleaned")}</FieldNote> : help}
      autoComplete="off"
      spellCheck={false}
      autoCapitalize="none"
      inputMode={isNumber ? "numeric" : undefined}
      withAsterisk={false}
      onPaste={onPaste}
      onBlur={onBlur}
    />
  );
}

type SecretProps = FieldProps & {
  readonly label: string;
  readonly name: string;
  /** Name of the matching key field. */
  readonly keyName: string;
  readonly labels: { readonly secret: string; readonly key: string };
};

/** A secret field, which is never shown, with hints about typical paste errors. */
function SecretField({ keyName, labels, ...props }: SecretProps) {
  const t = useTranslations("app");
  const [note, setNote] = useState<"secretIsKey" | "secretSpaces" | null>(null);
  const onInput = ({ currentTarget }: FormEvent<HTMLInputElement>) => {
    const secret = currentTarget.value.trim();
    const isKey = secret !== "" && secret === withoutPasted(textOf(currentTarget.form, keyName));
    const now = isKey ? "secretIsKey" : /\s/.test(secret) ? "secretSpaces" : null;
    if (now && now !== note) announce(t(now, labels));
    setNote(now);
  };
  return (
    <PasswordInput
      {...props}
      description={note ? <FieldNote tone="caution">{t(note, labels)}</FieldNote> : t("secretHelp")}
      autoComplete="off"
      required
      withAsterisk={false}
      visibilityToggleButtonProps={HIDDEN_EYE}
      onInput={onInput}
    />
  );
}
