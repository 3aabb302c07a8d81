"use client";

import { PasswordInput, TextInput } from "@mantine/core";
import { useTranslations } from "next-intl";
import { type ClipboardEvent, type FocusEvent, type FormEvent, useState } from "react";
import { withoutPasted } from "@/lib/dingtalk-apps/form-values";
import { announce } from "../../../../../_components/announce";
import { FieldNote } from "../../../../../_components/form-parts";
import { FieldPlace, type Place } from "./where-in-console";

type Props = {
  readonly errorOf: (field: string) => string | undefined;
  /** The field that has the focus stands there in DingTalk's console. */
  readonly onPlace: (place: Place) => void;
};

const HIDDEN_EYE = { "aria-hidden": true, tabIndex: -1, style: { display: "none" } } as const;

const textOf = (form: HTMLFormElement | null, name: string) =>
  (form?.elements.namedItem(name) as HTMLInputElement | null)?.value.trim() ?? "";

/** The fields of an app's credentials, each with its place in DingTalk's console where there is no room beside them. */
export function ConnectFields({ errorOf, onPlace }: Props) {
  const t = useTranslations("app");
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
      <div>
        <PastedField
          label={t("appKey")}
          name="appKey"
          required
          onFocus={() => onPlace("credentials")}
          error={errorOf("appKey")}
        />
        <FieldPlace place="credentials" isOpen />
      </div>
      <div>
        <SecretField onFocus={() => onPlace("credentials")} error={errorOf("appSecret")} />
        <FieldPlace place="credentials" />
      </div>
      <div>
        <PastedField
          label={t("corpId")}
          name="corpId"
          onFocus={() => onPlace("corp")}
          error={errorOf("corpId")}
        />
        <FieldPlace place="corp" />
      </div>
      <div>
        <PastedField
          label={t("agentId")}
          help={t("agentHelp")}
          name="agentId"
          isNumber
          onFocus={() => onPlace("agent")}
          error={errorOf("agentId")}
        />
        <FieldPlace place="agent" />
      </div>
    </>
  );
}

type FieldProps = { readonly onFocus: () => void; readonly error: string | undefined };

type PastedProps = FieldProps & {
  readonly label: string;
  readonly name: string;
  readonly help?: string;
  readonly required?: boolean;
  readonly isNumber?: boolean;
};

/** An identifier: what copying from a web page brought along is taken off, and said so. */
function PastedField({ isNumber = false, help, ...props }: PastedProps) {
  const t = useTranslations("app");
  const [isCleaned, setIsCleaned] = useState(false);
  /** As if it had been typed so: React, the test's freshness and the field's error hear of it. */
  const say = (input: HTMLInputElement) => {
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
    say(input);
  };
  const onBlur = ({ currentTarget: input }: FocusEvent<HTMLInputElement>) => {
    const cleaned = withoutPasted(input.value);
    if (cleaned === input.value) return;
    input.value = cleaned;
    say(input);
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

/** The secret: never shown, and looked at for what copying gets wrong. */
function SecretField(props: FieldProps) {
  const t = useTranslations("app");
  const [note, setNote] = useState<"secretIsKey" | "secretSpaces" | null>(null);
  const onInput = ({ currentTarget }: FormEvent<HTMLInputElement>) => {
    const secret = currentTarget.value.trim();
    const isKey = secret !== "" && secret === withoutPasted(textOf(currentTarget.form, "appKey"));
    const now = isKey ? "secretIsKey" : /\s/.test(secret) ? "secretSpaces" : null;
    if (now && now !== note) announce(t(now));
    setNote(now);
  };
  return (
    <PasswordInput
      {...props}
      label={t("appSecret")}
      description={note ? <FieldNote tone="caution">{t(note)}</FieldNote> : t("secretHelp")}
      name="appSecret"
      autoComplete="off"
      required
      withAsterisk={false}
      visibilityToggleButtonProps={HIDDEN_EYE}
      onInput={onInput}
    />
  );
}
