//! `recv_many` and `send_many` of all handles; how they work is in `many`.

use crate::err::{RecvTimeoutError, SendError, SendTimeoutError};
use crate::handle::Chan;
use crate::oneway::{RecvOnly, SendOnly};
use crate::pair::{Receiver, Sender};
use core::time::Duration;

impl<T> Chan<T> {
    /// Receives at least one value, blocking until there is one, and with it those that are there
    /// already, at most `most`, under few locks; adds them to `into` and says how many they were.
    /// 0: the channel is closed and drained (or `most` is 0).
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(8);
    /// (0..5).for_each(|i| c.send(i));
    /// let mut got = Vec::new();
    /// assert_eq!(c.recv_many(&mut got, 3), 3);
    /// assert_eq!(c.recv_many(&mut got, 100), 2);
    /// c.close();
    /// assert_eq!((c.recv_many(&mut got, 100), got), (0, vec![0, 1, 2, 3, 4]));
    /// ```
    pub fn recv_many(&self, into: &mut Vec<T>, most: usize) -> usize {
        match self.hchan() {
            Some(hchan) => hchan.recv_many(into, most),
            None if most == 0 => 0,
            None => crate::wait::nil(crate::chan::Side::Recv),
        }
    }

    /// As [`recv_many`](Self::recv_many), waiting at most `timeout` for the first value.
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`]: `Timeout`, or `Closed` if the channel is closed and drained.
    ///
    /// # Examples
    ///
    /// ```
    /// let (c, soon) = (gaggle_hchan::chan(8), std::time::Duration::from_millis(1));
    /// (c.send(1), c.send(2));
    /// let mut got = Vec::new();
    /// assert_eq!(c.recv_many_timeout(&mut got, 8, soon), Ok(2));
    /// assert!(c.recv_many_timeout(&mut got, 8, soon).is_err());
    /// ```
    pub fn recv_many_timeout(
        &self,
        into: &mut Vec<T>,
        most: usize,
        timeout: Duration,
    ) -> Result<usize, RecvTimeoutError> {
        let deadline = crate::wait::deadline(timeout);
        match self.hchan() {
            Some(hchan) => hchan.recv_many_until(into, most, deadline),
            None if most == 0 => Ok(0),
            None => {
                crate::wait::nil_until(crate::chan::Side::Recv, deadline);
                Err(RecvTimeoutError::Timeout)
            }
        }
    }

    /// Sends all of `values`, in order, blocking where it must, under few locks; leaves `values`
    /// empty. Others may send in between.
    ///
    /// # Panics
    ///
    /// `send on closed channel` if the channel is closed, or gets closed before all are sent;
    /// those not sent stay in `values`.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(8);
    /// c.send_many(&mut vec![1, 2, 3]);
    /// c.close();
    /// assert_eq!(c.iter().sum::<i32>(), 6);
    /// ```
    #[track_caller]
    pub fn send_many(&self, values: &mut Vec<T>) {
        match self.hchan() {
            Some(hchan) => {
                if hchan.send_many(values).is_err() {
                    panic!("send on closed channel")
                }
            }
            None if values.is_empty() => {}
            None => crate::wait::nil(crate::chan::Side::Send),
        }
    }

    /// As [`send_many`](Self::send_many), waiting at most `timeout` in all; those not sent stay in
    /// `values`. What can be sent without waiting is sent, however late it is.
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`]: `Timeout`, or `Closed` if the channel is closed, or gets closed before all
    /// are sent.
    ///
    /// # Examples
    ///
    /// ```
    /// let (c, soon) = (gaggle_hchan::chan(2), std::time::Duration::from_millis(1));
    /// let mut values = vec![1, 2, 3];
    /// assert!(c.send_many_timeout(&mut values, soon).is_err());
    /// assert_eq!((values, c.len()), (vec![3], 2));
    /// ```
    pub fn send_many_timeout(
        &self,
        values: &mut Vec<T>,
        timeout: Duration,
    ) -> Result<(), SendTimeoutError<()>> {
        let deadline = crate::wait::deadline(timeout);
        match self.hchan() {
            Some(hchan) => hchan.send_many_until(values, deadline),
            None if values.is_empty() => Ok(()),
            None => {
                crate::wait::nil_until(crate::chan::Side::Send, deadline);
                Err(SendTimeoutError::Timeout(()))
            }
        }
    }
}

impl<T> RecvOnly<T> {
    /// Receives one value and those that are there already. See [`Chan::recv_many`].
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(8);
    /// c.send_many(&mut vec![1, 2, 3]);
    /// let mut got = Vec::new();
    /// assert_eq!((c.recv_only().recv_many(&mut got, 8), got), (3, vec![1, 2, 3]));
    /// ```
    pub fn recv_many(&self, into: &mut Vec<T>, most: usize) -> usize {
        self.0.recv_many(into, most)
    }

    /// The same, waiting at most `timeout`. See [`Chan::recv_many_timeout`].
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`]: `Timeout` or `Closed`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let c = gaggle_hchan::chan(8);
    /// c.send_many(&mut vec![1, 2, 3]);
    /// let mut got = Vec::new();
    /// assert_eq!(c.recv_only().recv_many_timeout(&mut got, 2, Duration::from_secs(1)), Ok(2));
    /// ```
    pub fn recv_many_timeout(
        &self,
        into: &mut Vec<T>,
        most: usize,
        timeout: Duration,
    ) -> Result<usize, RecvTimeoutError> {
        self.0.recv_many_timeout(into, most, timeout)
    }
}

impl<T> SendOnly<T> {
    /// Sends all of `values`. See [`Chan::send_many`].
    ///
    /// # Panics
    ///
    /// `send on closed channel`; those not sent stay in `values`.
    ///
    /// # Examples
    ///
    /// ```
    /// let c = gaggle_hchan::chan(8);
    /// c.send_only().send_many(&mut vec![1, 2, 3]);
    /// assert_eq!(c.len(), 3);
    /// ```
    #[track_caller]
    pub fn send_many(&self, values: &mut Vec<T>) {
        self.0.send_many(values);
    }

    /// The same, waiting at most `timeout`. See [`Chan::send_many_timeout`].
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`]: `Timeout` or `Closed`; those not sent stay in `values`.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// let (c, mut values) = (gaggle_hchan::chan(2), vec![1, 2, 3]);
    /// assert!(c.send_only().send_many_timeout(&mut values, Duration::from_millis(1)).is_err());
    /// assert_eq!(values, [3]);
    /// ```
    pub fn send_many_timeout(
        &self,
        values: &mut Vec<T>,
        timeout: Duration,
    ) -> Result<(), SendTimeoutError<()>> {
        self.0.send_many_timeout(values, timeout)
    }
}

impl<T> Receiver<T> {
    /// Receives one value, blocking until there is one, and those that are there already, at most
    /// `most`; says how many. 0: none will ever come (or `most` is 0). See [`Chan::recv_many`].
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = gaggle_hchan::channel(8);
    /// tx.send_many(&mut vec![1, 2, 3]).unwrap();
    /// drop(tx);
    /// let mut got = Vec::new();
    /// assert_eq!((rx.recv_many(&mut got, 8), rx.recv_many(&mut got, 8)), (3, 0));
    /// ```
    pub fn recv_many(&self, into: &mut Vec<T>, most: usize) -> usize {
        self.hchan().recv_many(into, most)
    }

    /// The same, waiting at most `timeout`. See [`Chan::recv_many_timeout`].
    ///
    /// # Errors
    ///
    /// [`RecvTimeoutError`]: `Timeout`, or `Closed` if none will ever come.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_hchan::{RecvTimeoutError, channel};
    /// let (tx, rx) = channel::<u8>(8);
    /// let timeout = std::time::Duration::from_millis(1);
    /// let mut got = Vec::new();
    /// assert_eq!(rx.recv_many_timeout(&mut got, 8, timeout), Err(RecvTimeoutError::Timeout));
    /// drop(tx);
    /// assert_eq!(rx.recv_many_timeout(&mut got, 8, timeout), Err(RecvTimeoutError::Closed));
    /// ```
    pub fn recv_many_timeout(
        &self,
        into: &mut Vec<T>,
        most: usize,
        timeout: Duration,
    ) -> Result<usize, RecvTimeoutError> {
        self.hchan().recv_many_until(into, most, crate::wait::deadline(timeout))
    }
}

impl<T> Sender<T> {
    /// Sends all of `values`, in order, blocking where it must; leaves `values` empty.
    ///
    /// # Errors
    ///
    /// [`SendError`] if the last receiver is gone, or goes before all are sent; those not sent stay
    /// in `values`.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = gaggle_hchan::channel(2);
    /// let mut values = vec![1, 2];
    /// assert!(tx.send_many(&mut values).is_ok() && values.is_empty());
    /// drop(rx);
    /// values.push(3);
    /// assert!(tx.send_many(&mut values).is_err() && values == [3]);
    /// ```
    pub fn send_many(&self, values: &mut Vec<T>) -> Result<(), SendError<()>> {
        self.hchan().send_many(values)
    }

    /// The same, waiting at most `timeout` in all. See [`Chan::send_many_timeout`].
    ///
    /// # Errors
    ///
    /// [`SendTimeoutError`]: `Timeout`, or `Closed` if the last receiver is gone; those not sent stay in
    /// `values`.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, _rx) = gaggle_hchan::channel(2);
    /// let mut values = vec![1, 2, 3];
    /// assert!(tx.send_many_timeout(&mut values, std::time::Duration::from_millis(1)).is_err());
    /// assert_eq!(values, [3]);
    /// ```
    pub fn send_many_timeout(
        &self,
        values: &mut Vec<T>,
        timeout: Duration,
    ) -> Result<(), SendTimeoutError<()>> {
        self.hchan().send_many_until(values, crate::wait::deadline(timeout))
    }
}
