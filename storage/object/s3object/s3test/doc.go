// Package s3test runs a real S3 server (github.com/versity/versitygw) for tests.
// The server changes the working directory and can run once a process, so it runs
// in a child: the test binary itself, started again. Call Main first in TestMain.
//
// A test that wants to talk to another server sets S3_TEST_ENDPOINT, S3_TEST_ACCESS_KEY
// and S3_TEST_SECRET_KEY (and S3_TEST_REGION): every Bucket is then made there.
package s3test
