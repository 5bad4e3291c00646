import { SerialPort } from 'serialport';
import type { SerialSettings } from '../drivers/driver.ts';
import { type Connect, WAITING_BYTES_MAX } from './transport.ts';

/** A serial port of this machine. */
export const serial =
  (path: string, settings: SerialSettings): Connect =>
  (ears) => {
    const port = new SerialPort({ path, ...settings, autoOpen: false });
    let isClosed = false;
    const end = (reason: string) => {
      if (isClosed) return;
      isClosed = true;
      ears.closed(`${path}: ${reason}`);
    };
    // Closing an opening port fails; it is closed as soon as it stands.
    const release = () => port.isOpen && port.close((error) => error && end(error.message));
    port.on('data', (bytes: Buffer) => !isClosed && ears.heard(bytes));
    port.on('error', (error) => {
      end(error.message);
      release();
    });
    port.on('close', () => end('the port is gone'));
    port.open((error) => {
      if (error) return end(error.message);
      if (isClosed) return void release();
      ears.opened();
    });
    return {
      write(bytes) {
        if (isClosed || !port.isOpen || port.writableLength > WAITING_BYTES_MAX) return false;
        port.write(Buffer.from(bytes));
        return true;
      },
      close() {
        isClosed = true;
        release();
      },
    };
  };
