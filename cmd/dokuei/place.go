package main

import (
	"log/slog"
	"os"
	"path/filepath"
)

// place says where the service keeps what it is given. Commands that work
// beside a running service (apply, token) share it with serve.
type place struct {
	Config  string `help:"YAML file with any of these settings." placeholder:"FILE" type:"path"`
	Data    string `help:"Folder for everything embedded: database, images, previews." default:"data" placeholder:"DIR" type:"path"`
	DB      string `help:"Catalog database; default sqlite:DIR/dokuei.db in the data folder." placeholder:"URL" name:"db"`
	Objects string `help:"Image store: file:DIR, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME&retain=DAYSd (in a bucket with object lock; else as the hospitals keep their studies; none: not at all); default file:DIR/objects in the data folder." placeholder:"URL"`

	S3AccessKey string `name:"s3-access-key" env:"DOKUEI_S3_ACCESS_KEY" help:"Access key of an image store in S3. Better set in the environment: command lines are seen by everybody on the machine." placeholder:"KEY"`
	S3SecretKey string `name:"s3-secret-key" env:"DOKUEI_S3_SECRET_KEY" help:"Its secret key, likewise." placeholder:"SECRET"`

	EncryptionKey    string   `help:"Key that images, pictures and backups are encrypted under: file:PATH, env:NAME or command:PATH (a KMS). Default: not encrypted." placeholder:"KEY"`
	EncryptionOldKey []string `help:"Keys from before a rotation that are still needed to read." placeholder:"KEY" sep:"none"`
}

func (p place) dbURL() string {
	if p.DB != "" {
		return p.DB
	}
	return "sqlite:" + filepath.Join(p.Data, "dokuei.db")
}

// logging is shared by the commands that run for long.
type logging struct {
	LogLevel  slog.Level `help:"Least level that is logged: debug, info, warn or error." default:"info"`
	LogFormat string     `help:"Log lines on standard error as text or json." enum:"text,json" default:"text"`
}

func (l logging) logger(con console) *slog.Logger {
	opts := &slog.HandlerOptions{Level: l.LogLevel}
	if l.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(con.Err, opts))
	}
	return slog.New(slog.NewTextHandler(con.Err, opts))
}

// makeData creates the data folder so that only its owner can look into it.
func (p place) makeData() error {
	return os.MkdirAll(p.Data, 0o700)
}
