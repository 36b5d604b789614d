// The helper's own numbers: published ones, so that a mistake here is not mistaken for one of the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cipher, cmac, uplink } from './lorawan.mjs';

test('AES-CMAC, RFC 4493 section 4', () => {
  const key = Buffer.from('2b7e151628aed2a6abf7158809cf4f3c', 'hex');
  const message = Buffer.from(
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411',
    'hex',
  );
  assert.equal(cmac(key, Buffer.alloc(0)).toString('hex'), 'bb1d6929e95937287fa37d129b756746');
  assert.equal(cmac(key, message.subarray(0, 16)).toString('hex'), '070a16b46b4d4144f79bdd9dd04a287c');
  assert.equal(cmac(key, message).toString('hex'), 'dfa66747de9ae63030ca32611497c827');
});

test('an uplink, example of the package lora-packet', () => {
  const device = {
    devAddr: '49be7df1',
    nwkSKey: '44024241ed4ce9a68c6a8bc055233fd3',
    appSKey: 'ec925802ae430ca77fd3dd73cb2cc588',
  };
  const frame = uplink(device, 2, 1, Buffer.from('test'));
  // The published frame has FCtrl 0 as well.
  assert.equal(frame.toString('hex'), '40f17dbe4900020001954378762b11ff0d');
  const clear = cipher(Buffer.from(device.appSKey, 'hex'), device.devAddr, 2, Buffer.from('95437876', 'hex'));
  assert.equal(clear.toString(), 'test');
});
