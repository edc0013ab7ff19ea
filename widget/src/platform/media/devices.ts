/** Microphone and camera: opened with settings for talk, their failures told apart. */
import { ProblemError, type ProblemCode } from '../../core/snapshot.js';

const audio: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

// As large as the widget ever shows it; more would only cost the other's data and both batteries.
const video: MediaTrackConstraints = {
  width: { ideal: 960 },
  height: { ideal: 540 },
  frameRate: { ideal: 30, max: 30 },
  facingMode: 'user',
};

export type Kind = 'audio' | 'video';

/** Opens the devices of these kinds with one question to the person.
 * @throws ProblemError `microphone_denied`, `camera_denied`, `device_missing`, `device_in_use` */
export async function openDevices(kinds: readonly Kind[]): Promise<MediaStreamTrack[]> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: kinds.includes('audio') ? audio : false,
      video: kinds.includes('video') ? video : false,
    });
    return stream.getTracks();
  } catch (error) {
    throw new ProblemError({ code: await codeOf(error, kinds) }, { cause: error });
  }
}

async function codeOf(error: unknown, kinds: readonly Kind[]): Promise<ProblemCode> {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return (await isCameraRefused(kinds)) ? 'camera_denied' : 'microphone_denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'device_missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'device_in_use';
    default:
      return 'call_failed';
  }
}

/** The error does not say which of the two was refused; the permissions do, where the browser tells them. */
async function isCameraRefused(kinds: readonly Kind[]): Promise<boolean> {
  if (!kinds.includes('video')) return false;
  if (!kinds.includes('audio')) return true;
  return (await isDenied('camera')) && !(await isDenied('microphone'));
}

async function isDenied(name: 'camera' | 'microphone'): Promise<boolean> {
  try {
    const status = await navigator.permissions.query({ name: name });
    return status.state === 'denied';
  } catch {
    return false;
  }
}
