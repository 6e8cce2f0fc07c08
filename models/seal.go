package models

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"drover/rules/id"
)

// keyBytes is the length of a key: AES-256.
const keyBytes = 32

// ErrNoKey says that nothing can be sealed here, and what to do about it.
var ErrNoKey = errors.New("no key for secrets is set: set DROVER_SECRET_KEY to 32 random bytes in base64 (openssl rand -base64 32), the same for all processes")

// Keys seal secrets that are stored, and open them again. The newest key seals,
// all of them open. A nil *Keys has none: whatever is asked of it is ErrNoKey.
// Its methods are safe for concurrent use.
type Keys struct {
	guard sync.Mutex
	list  []sealKey
	file  string // made at the first need, "" if the keys were given
}

// sealKey is a key with a name that tells it from others and gives nothing away.
type sealKey struct {
	name string
	aead cipher.AEAD
}

// ReadKeys reads keys of 32 bytes in base64, commas between them, the newest
// first. No error repeats a key.
func ReadKeys(text string) (*Keys, error) {
	k := &Keys{}
	for i, one := range strings.Split(text, ",") {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(one))
		if err != nil || len(raw) != keyBytes {
			return nil, fmt.Errorf("key %d is not 32 bytes in base64: make one with `openssl rand -base64 32`", i+1)
		}
		key, err := newSealKey(raw)
		if err != nil {
			return nil, err
		}
		k.list = append(k.list, key)
	}
	return k, nil
}

// FileKeys are those of a file, which is made when something is sealed first.
func FileKeys(path string) *Keys { return &Keys{file: path} }

func newSealKey(raw []byte) (sealKey, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return sealKey{}, err
	}
	aead, err := cipher.NewGCM(block)
	sum := sha256.Sum256(raw)
	return sealKey{name: hex.EncodeToString(sum[:4]), aead: aead}, err
}

// have gives the keys, and makes one if there is a file for it and make is set.
func (k *Keys) have(make bool) ([]sealKey, error) {
	if k == nil {
		return nil, ErrNoKey
	}
	k.guard.Lock()
	defer k.guard.Unlock()
	if len(k.list) > 0 {
		return k.list, nil
	}
	text, err := os.ReadFile(k.file)
	if errors.Is(err, fs.ErrNotExist) && make {
		text, err = makeKeyFile(k.file)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key for secrets: %w", err)
	}
	read, err := ReadKeys(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.file, err)
	}
	k.list = read.list
	return k.list, nil
}

// makeKeyFile makes a key that its owner alone reads. It is written whole under
// another name first: half a key would open nothing.
func makeKeyFile(path string) (text []byte, err error) {
	raw := make([]byte, keyBytes)
	_, _ = rand.Read(raw) // never fails: crypto/rand
	text = []byte(base64.StdEncoding.EncodeToString(raw) + "\n")
	draft, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // 0600
	if err != nil {
		return nil, err
	}
	_, err = draft.Write(text)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(draft.Name()))
	}
	return text, nil
}

// Seal encrypts a secret of a row: as "key:base64 of nonce and text". It can be
// opened for that row alone.
func (k *Keys) Seal(secret, table string, row id.ID) (string, error) {
	list, err := k.have(true)
	if err != nil {
		return "", err
	}
	key := list[0]
	nonce := make([]byte, key.aead.NonceSize(), key.aead.NonceSize()+len(secret)+key.aead.Overhead())
	_, _ = rand.Read(nonce) // never fails: crypto/rand
	sealed := key.aead.Seal(nonce, nonce, []byte(secret), sealedFor(table, row))
	return key.name + ":" + base64.StdEncoding.EncodeToString(sealed), nil
}

// Open decrypts what Seal made for that row. The error says what to do, and
// holds nothing of the secret.
func (k *Keys) Open(sealed, table string, row id.ID) (string, error) {
	list, err := k.have(false)
	if err != nil {
		return "", fmt.Errorf("the stored secret cannot be read: %w", err)
	}
	name, text, _ := strings.Cut(sealed, ":")
	for _, key := range list {
		if key.name != name {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) < key.aead.NonceSize() {
			return "", errors.New("the stored secret cannot be read: it is damaged; renew it")
		}
		secret, err := key.aead.Open(nil, raw[:key.aead.NonceSize()], raw[key.aead.NonceSize():], sealedFor(table, row))
		if err != nil {
			return "", errors.New("the stored secret cannot be read: it is damaged, or another row's; renew it")
		}
		return string(secret), nil
	}
	return "", fmt.Errorf("the stored secret was sealed with the key %.8s, which is not there: put it back (DROVER_SECRET_KEY, or the file secret.key in DROVER_DATA), behind the newer one if there is one, or renew the secret", name)
}

func sealedFor(table string, row id.ID) []byte {
	return fmt.Appendf(nil, "%s %d", table, int64(row))
}
