"use client";

import { CloseButton, Loader, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, type Ref, useRef } from "react";
import classes from "../directory.module.css";

type Props = {
  readonly ref: Ref<HTMLInputElement>;
  readonly text: string;
  readonly isSearching: boolean;
  /** @param isComposing an input method is composing, so the text is not final */
  readonly onText: (text: string, isComposing: boolean) => void;
  readonly onClear: () => void;
  readonly onDown: () => void;
};

export function SearchField({ ref, text, isSearching, onText, onClear, onDown }: Props) {
  const t = useTranslations("directory");
  const composing = useRef(false);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      onDown();
    }
    if (event.key === "Escape" && text !== "") {
      event.preventDefault();
      onClear();
    }
  };
  return (
    <TextInput
      ref={ref}
      type="search"
      className={classes.search}
      label={t("search")}
      value={text}
      maxLength={128}
      autoComplete="off"
      spellCheck={false}
      enterKeyHint="search"
      onChange={(event) => onText(event.currentTarget.value, composing.current)}
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={(event) => {
        composing.current = false;
        onText(event.currentTarget.value, false);
      }}
      onKeyDown={onKeyDown}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        isSearching ? (
          <Loader size={14} className={classes.late} aria-hidden />
        ) : (
          text !== "" && <CloseButton size="sm" iconSize={16} aria-label={t("clear")} onClick={onClear} />
        )
      }
    />
  );
}
