// What the log says while an image is pulled.
import { describe, expect, it } from '@jest/globals';
import { PullProgress } from './pull-progress.js';

describe('the progress of a pull', () => {
  let now = 0;
  let text = '';
  const progress = () => {
    now = 0;
    text = '';
    const reader = new PullProgress(
      (line) => void (text += line),
      () => now,
    );
    return (word: unknown) => reader.read(JSON.stringify(word));
  };

  it('is told in the words of the engine, without its bars', () => {
    const read = progress();
    read({ id: 'latest', status: 'Pulling from team/app' });
    read({ id: 'aa', status: 'Pulling fs layer' });
    read({ id: 'aa', status: 'Downloading', progressDetail: { current: 1, total: 2 }, progress: '[=> ]' });
    read({ id: 'aa', status: 'Pull complete' });
    read({ status: 'Digest: sha256:00' });
    expect(text).toBe(
      'latest: Pulling from team/app\naa: Pulling fs layer\naa: Pull complete\nDigest: sha256:00\n',
    );
  });

  it('says every ten seconds how far it is', () => {
    const read = progress();
    read({ id: 'aa', status: 'Already exists' });
    read({ id: 'bb', status: 'Pulling fs layer' });
    text = '';
    for (const current of [1e6, 2e6, 3e6, 4e6]) {
      now += 5000;
      read({ id: 'bb', status: 'Downloading', progressDetail: { current, total: 40e6 } });
    }
    expect(text).toBe('  1 of 2 layers, 2.0 of 40 MB\n  1 of 2 layers, 4.0 of 40 MB\n');
  });

  it('ends with what went wrong', () => {
    const read = progress();
    expect(() => read({ error: 'toomanyrequests: slow down' })).toThrow('toomanyrequests');
  });
});
