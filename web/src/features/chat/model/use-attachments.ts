// Files that wait to be sent with the next question, and what a recorder hears.
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { randomId } from "~/lib/id";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { type FileRefusal, placeFile, type UploadRules } from "./config";
import type { ReadyFile } from "./use-chat";
import { type Access, attachDocuments, storeDocuments, type Upload } from "./transport";

export interface Attachment {
  id: string;
  name: string;
  mime: string;
  /** Address of a picture or recording, to look at before sending. */
  preview: string | undefined;
  state: "loading" | "ready" | "failed";
  /** Why it failed. */
  reason: string | undefined;
  upload: Upload | undefined;
}

export interface Place {
  access: Access;
  flowId: string;
  chatId: string;
}

export function useAttachments(place: Place, rules: UploadRules) {
  const { t } = useTranslation("chat");
  const errorText = useErrorText();
  const [list, setList] = useState<Attachment[]>([]);

  const change = useCallback((id: string, part: Partial<Attachment>) => setList((before) => before.map((entry) => (entry.id === id ? { ...entry, ...part } : entry))), []);

  const refuse = useCallback(
    (refusal: FileRefusal) =>
      toast.error(
        refusal.why === "size"
          ? t("uploadTooLarge", { name: refusal.name, limit: refusal.limit })
          : refusal.types.length > 0
            ? t("uploadWrongType", { name: refusal.name, types: refusal.types.join(", ") })
            : t("uploadNone", { name: refusal.name }),
      ),
    [t],
  );

  const add = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        const placed = placeFile(rules, file);
        if ("why" in placed) {
          refuse(placed);
          continue;
        }
        const id = randomId();
        const isPicture = placed.way === "image";
        setList((before) => [...before, { id, name: file.name, mime: file.type, preview: undefined, state: "loading", reason: undefined, upload: undefined }]);
        const loading = isPicture ? pictureOf(file) : placed.way === "full" ? firstOf(attachDocuments(place.access, place.flowId, place.chatId, [file])) : firstOf(storeDocuments(place.access, place.flowId, place.chatId, [file]));
        loading
          .then((upload) => change(id, { state: "ready", upload, preview: isPicture ? upload.data : undefined }))
          .catch((error: unknown) => change(id, { state: "failed", reason: errorText(error) }));
      }
    },
    [rules, place.access, place.flowId, place.chatId, change, refuse, errorText],
  );

  const addRecording = useCallback(
    async (sound: Blob) => {
      const mime = sound.type.split(";")[0] || "audio/webm";
      const name = `recording.${mime.includes("mp4") ? "m4a" : mime.includes("ogg") ? "ogg" : "webm"}`;
      const data = await dataUrl(new Blob([sound], { type: mime }));
      setList((before) => [...before, { id: randomId(), name, mime, preview: data, state: "ready", reason: undefined, upload: { type: "audio", name, mime, data } }]);
    },
    [],
  );

  const remove = useCallback((id: string) => setList((before) => before.filter((entry) => entry.id !== id)), []);

  /** What is ready to go, taken out of the list. */
  const take = useCallback((): ReadyFile[] => {
    const ready = list.flatMap(({ upload, name, mime, preview }) => (upload ? [{ upload, shown: { name, mime, preview } }] : []));
    setList([]);
    return ready;
  }, [list]);

  return { list, add, addRecording, remove, take, isLoading: list.some((entry) => entry.state === "loading"), count: list.filter((entry) => entry.upload).length };
}

async function pictureOf(file: File): Promise<Upload> {
  return { type: "file", name: file.name, mime: file.type, data: await dataUrl(file) };
}

async function firstOf(uploads: Promise<Upload[]>): Promise<Upload> {
  const [first] = await uploads;
  if (!first) throw new Error("The server took the file, but gave nothing back.");
  return first;
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result)));
    reader.addEventListener("error", () => reject(reader.error ?? new Error("The file could not be read.")));
    reader.readAsDataURL(blob);
  });
}

/** A microphone: `seconds` runs while it records. */
export function useRecorder(onRecorded: (sound: Blob) => void) {
  const { t } = useTranslation("chat");
  const recorder = useRef<MediaRecorder | null>(null);
  const [seconds, setSeconds] = useState<number>();

  useEffect(() => () => closeMicrophone(recorder.current), []);
  useEffect(() => {
    if (seconds === undefined) return undefined;
    const timer = setTimeout(() => setSeconds(seconds + 1), 1000);
    return () => clearTimeout(timer);
  }, [seconds]);

  const start = async () => {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const made = new MediaRecorder(stream);
      const pieces: Blob[] = [];
      made.addEventListener("dataavailable", (event) => pieces.push(event.data));
      made.addEventListener("stop", () => {
        closeMicrophone(made);
        setSeconds(undefined);
        if (recorder.current === made && pieces.length > 0) onRecorded(new Blob(pieces, { type: made.mimeType }));
        recorder.current = null;
      });
      recorder.current = made;
      made.start();
      setSeconds(0);
    } catch {
      toast.error(t("recordRefused"));
    }
  };
  const finish = () => recorder.current?.stop();
  const discard = () => {
    const current = recorder.current;
    recorder.current = null;
    current?.stop();
  };
  return { seconds, start, finish, discard };
}

function closeMicrophone(recorder: MediaRecorder | null): void {
  for (const track of recorder?.stream.getTracks() ?? []) track.stop();
}
