// The chunks that settings would make, asked for when these have rested for a moment.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { type LoaderBody, type Preview, previewLoader } from "~/api/document-stores";
import { isApiError } from "~/api/errors";
import { signatureOf } from "./signature";

/** How long the settings must rest, in milliseconds. */
const REST = 700;

export interface PreviewState {
  data: Preview | undefined;
  error: unknown;
  isLoading: boolean;
  /** What is shown was made by other settings than those of now. */
  isStale: boolean;
  /** Asks now. */
  ask: () => void;
}

/** `body` is undefined while the form is not filled in; `live` asks by itself at every change. */
export function usePreview(body: LoaderBody | undefined, count: number, live: boolean): PreviewState {
  const controller = useRef<AbortController>(null);
  const text = useMemo(() => body && signatureOf([body, count]), [body, count]);
  const [shown, setShown] = useState<{ text: string; data: Preview }>();
  const [asked, setAsked] = useState<string>();
  const { mutate, error, isPending } = useMutation({
    mutationFn: async (wanted: { body: LoaderBody; text: string }) => {
      controller.current?.abort();
      const own = new AbortController();
      controller.current = own;
      const data = await previewLoader(wanted.body, count, own.signal);
      if (!own.signal.aborted) setShown({ text: wanted.text, data });
    },
  });
  const ask = () => {
    if (!body || text === undefined) return;
    setAsked(text);
    mutate({ body, text });
  };
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    if (!live || text === undefined || text === asked) return undefined;
    const timer = setTimeout(() => latest.current(), REST);
    return () => clearTimeout(timer);
  }, [live, text, asked]);
  useEffect(() => () => controller.current?.abort(), []);
  const wasGivenUp = isApiError(error) && error.kind === "aborted";
  return { data: shown?.data, error: wasGivenUp ? null : error, isLoading: isPending, isStale: shown !== undefined && shown.text !== text, ask };
}
